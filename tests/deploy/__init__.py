"""What is shipped to run Fumo with: read by the programs that it is for, and really run."""
