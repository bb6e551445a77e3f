"""Who is at the door of the console and the API, and whether he may come in.

Every request takes the same steps, in this order: the host it names, its pace, who
asks, whether he may, whose the thing is, where the form comes from, what is in it.
"""
