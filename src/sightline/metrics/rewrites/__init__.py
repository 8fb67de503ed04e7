"""What is done to every scan, whatever the question: row policy and masks."""
