"""The HTTP API: `router.install_api` adds it to an application. docs/api.md tells how to use it."""
