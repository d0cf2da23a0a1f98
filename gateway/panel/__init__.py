"""The front door: the API that customers call, HTTP and forms in, answers out."""
