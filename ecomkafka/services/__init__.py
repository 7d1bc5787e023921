"""The four services and the read model: decode, ask the domain, say what to send."""
