"""Everything that is read of a machine. What a survey is made of is imported with `surveying`, and not before."""
