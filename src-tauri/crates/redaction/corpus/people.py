"""Invented people: names from many places, some of them ordinary words."""

FIRST = ("Sarah Marcus Priya Tobias Meera Helen Daniel Grace Mark Rose Will Hope Amara Chidi Oluwaseun Wojciech "
         "Agnieszka Siobhan Niamh Cillian Aoife Deepika Rajesh Anil Sunita Mohammed Fatima Yusuf Aisha Jun Mei Hiroshi "
         "Nguyen Linh Carlos Lucia Mateo Ximena Dmitri Svetlana Ingrid Lars Bill Frank April June Faith Jack Ruby "
         "Ellie Callum Fraser Gwen Rhys Tamsin Imogen Kwame Efua Thabo Zanele Tyrone Latoya Brandon Tiffany Jose "
         "Guadalupe Chloe Angus Bronwyn Declan Kiera Harpreet Gurpreet Farhan Zainab Olga Piotr Katarzyna Ravi").split()
LAST = ("Hartley Okafor Delgado Raman Wojcik Young Long Page Marsh Brown Green Nakamura Nguyen Kowalski O'Brien "
        "Murphy Gallagher Fitzgerald Iyer Chatterjee Banerjee Subramaniam Khan Siddiqui Begum Tanaka Petrov Lindqvist "
        "Andersson Adeyemi Mensah Dlamini Washington Jefferson Rodriguez Hernandez MacDonald Campbell Llewellyn Pritchard "
        "Penhaligon Whitfield Birch Reid Banks Field Stone Cross Price Rich Small Bell Wood Pemberton Lennox Quigley "
        "Featherstone Cholmondeley Ashworth Entwistle Szymanski Papadopoulos Christodoulou Vandermeer Dubois Moreau "
        "Abernathy Kaczmarek Mbeki Achebe Ferreira Silva Costa Bianchi Rossi Yilmaz Demir Haddad Nasser Cohen").split()
