"""POSTS: where units should stand.

``place.place_posts`` answers with the model of one's choice: ``mclp`` (reach as much as possible), ``lscp`` (fewest
units that reach all), ``bacop`` (reach twice), ``mexclp`` (units are busy at times), ``dsm`` (two limits),
``pmedian`` (shortest mean time) and ``pcenter`` (shortest longest time). ``places`` finds candidate sites,
``matrix`` measures who reaches what, ``compare`` sets two placements side by side and takes units away.
"""
