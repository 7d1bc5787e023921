"""How clients get into a cluster: account, TLS, and what is in the way."""
