"""Settings: declared once, resolved through the cascade, validated, described, and sent to providers."""
