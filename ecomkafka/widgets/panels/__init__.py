"""The panels: each makes its controls and draws itself in `refresh`. What all have around them is `panel_frame.py`."""
