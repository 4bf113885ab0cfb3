from microfiche.extract import Description
def describe_text(text, outlet): return Description(text=text)
