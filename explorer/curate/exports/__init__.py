"""What an export is made of: one file per family of formats, names, and the folder beside."""
