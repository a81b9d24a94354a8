"""Whose road, asked by people: coordinates in any form, stakes, names, sentences, photographs and tables of cases."""
