"""What lesson 14 uses: a sale by several instances, wrong wirings of the inventory, who has which partition."""
