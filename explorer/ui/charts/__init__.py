"""Charts from data: plotly figures, and histograms as HTML."""
