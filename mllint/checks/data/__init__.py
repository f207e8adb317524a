"""Rules about data: what is learnt from which rows, how rows are split, what is compared and read afterwards."""
