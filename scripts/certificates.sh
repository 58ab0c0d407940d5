# Sourced by the scripts that call uv. Companies and schools often put a certificate of
# their own before the registry: the system's list knows it, uv's own does not.
if [ "$(uname)" = Darwin ] || [ -e /etc/ssl/certs/ca-certificates.crt ] ||
    [ -e /etc/pki/tls/certs/ca-bundle.crt ]; then
    export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}"
fi
