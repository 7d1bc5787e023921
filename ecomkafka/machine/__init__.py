"""What a program needs of its machine: folders, locks, other processes."""
