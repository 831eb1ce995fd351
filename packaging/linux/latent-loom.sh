#!/bin/sh
# The command line; the window is latent-loom-desktop.
exec '/opt/Latent Loom/resources/bin/latent-loom' "$@"
