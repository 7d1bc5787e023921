"""What versions of the shop owe each other: readers are tolerant, writers strict."""
