"""FACE: what people see. One module a screen, shared widgets, map layers, papers and translations.

This room may import every other room and no other room may import it; it is the only one that knows Streamlit and
folium. Screens call the domain and show what it answers; they compute nothing about roads themselves.
"""
