"""The depot as a TUF repository: lists of packages that people sign, kept fresh by the depot.

Everything here needs the extra `tuf` but `rules`; nothing that serves packages imports it.
"""
