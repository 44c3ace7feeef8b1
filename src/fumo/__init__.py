"""Fumo: OMA DM 1.2 firmware update (FUMO), both sides. Start reading at ARCHITECTURE.md."""
