# The test peer's compiled modules. They share nothing with the client's: what one
# side gets wrong must not be hidden by the same mistake on the other.
