"""Who gets into a broker of ours: accounts, passwords, certificates."""
