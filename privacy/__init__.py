"""What is known of persons: the vault that turns a source's ids into ours, and the personal files. Nothing else reads them."""
