"""Files of tables in a folder, a bucket, an SFTP server or behind a web address."""
