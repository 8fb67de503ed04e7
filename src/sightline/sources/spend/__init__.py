"""What advertising cost: exports of Google Ads and Meta, of whatever language, as one stream."""
