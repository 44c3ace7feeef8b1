"""The bytes of packages on their way into the store, and out of it when nobody needs them."""
