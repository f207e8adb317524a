"""Rules about the head, the loss and the metric: do they agree?"""
