"""What the templates of the portraits need besides what views give them."""
