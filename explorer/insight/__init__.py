"""What a page says, as data: no Streamlit here; Python and the command line have it, too."""
