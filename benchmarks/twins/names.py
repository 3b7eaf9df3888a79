"""How people, companies and towns are called, and how often: few names are very frequent, most are rare.

The share of the most frequent surname is about that of its country (1 % for Hansen, Müller and Popa, 0.3 % for Rossi, 2.5 % for García).
How many names there are is that of life where it is known, and rather too few: what nobody but one family has is left out, so that
made people are called alike more often than real ones. Decision 18 has the facts, and why they are here.
"""

import re
from functools import cache

from benchmarks.twins.stock import Stock, Syllables, stock

COUNTRIES = ("IT", "RO", "DE", "FR", "ES", "NO", "US")
COUNTRY_WEIGHTS = (26, 20, 20, 10, 9, 5, 10)
# Surnames of a country with more than a few bearers. The census of the United States of 2010 counts 6.3 million surnames, 162,253 of them
# with a hundred bearers; German telephone books 800,000, 200,000 of them ten times; France has some 900,000, Italy 350,000.
# Of the others no count was at hand: taken low.
SURNAMES = {"IT": 100_000, "RO": 60_000, "DE": 200_000, "FR": 200_000, "ES": 50_000, "NO": 30_000, "US": 162_000}
# The thirty first names of each sex that Italians give most are 40 to 46 % of all; the hundred of Spain 60 and 65 %.
# In the United States (1990) 1,219 names of men and 4,275 of women were 90 %.
LISTED_FIRST, FOREIGN_FIRST, FIRST_NAMES = 0.50, 0.06, 5_500
# Registers know a name that a hundred firms have, and names by the million that one has; none publishes how many: taken high.
LISTED_STEMS, STEMS_MADE = 0.10, 50_000
TOWNS = {"IT": 7_900, "RO": 3_200, "DE": 10_800, "FR": 34_900, "ES": 8_100, "NO": 360, "US": 19_500}  # municipalities
DOMAINS = {"IT": "it", "RO": "ro", "DE": "de", "FR": "fr", "ES": "es", "NO": "no", "US": "com"}
PREFIXES = {"IT": "+39", "RO": "+40", "DE": "+49", "FR": "+33", "ES": "+34", "NO": "+47", "US": "+1"}
FORMS = {
    "IT": ("S.p.A.", "SpA", "S.r.l.", "srl"), "RO": ("SRL", "S.R.L.", "SA"), "DE": ("GmbH", "AG", "GmbH & Co. KG"),
    "FR": ("SAS", "SARL", "SA"), "ES": ("S.L.", "SL", "S.A."), "NO": ("AS", "ASA"), "US": ("Inc.", "LLC", "Corp.", "Inc"),
}  # fmt: skip
_FIRST = {
    "IT": """Marco Andrea Giuseppe Francesca Luca Giulia Alessandro Matteo Chiara Paolo Francesco Sara Davide Elena Roberto Laura
    Stefano Federica
        Antonio Silvia Giovanni Valentina Simone Martina Alessandra Lorenzo Elisa Daniele Anna Maria Mario Niccolò Alberto
    Claudia Fabio Giorgia
        Riccardo Ilaria Michele Barbara Nicola Monica Salvatore Paola Vincenzo Cristina Massimo Eleonora Daniela Enrico Noè Giacomo Carla
        Domenico Marta Emanuele Beatrice Pietro Lucia Tommaso Serena Filippo Irene Gabriele Alice Mattia Rosa Maurizio Teresa
    Edoardo Arianna""",
    "RO": """Andrei Maria Alexandru Elena Mihai Ioana Gabriel Andreea Ștefan Cristina Ion Ana Daniel Mihaela Adrian Alina Florin
    Gabriela Bogdan
        Raluca Marian Simona Cristian Laura Vlad Diana George Irina Răzvan Monica Ionuț Oana Radu Alexandra Cătălin Daniela
    Constantin Mădălina
        Marius Roxana Nicolae Anca Dan Carmen Vasile Corina Sorin Bianca Liviu Camelia Tudor Loredana Dragoș Nicoleta Lucian
    Cosmin Adina Ovidiu
        Claudia Octavian Georgiana Silviu Luminița Gheorghe Țuțu Petru Ileana Dumitru Doina""",
    "DE": """Thomas Michael Andreas Stefan Peter Christian Anna Julia Daniel Sabine Martin Claudia Alexander Katharina Markus
    Susanne Jan Nicole
        Sebastian Stefanie Frank Andrea Tobias Petra Florian Monika Jürgen Sandra Matthias Birgit Jens Lena Björn Christina Ralf
    Sarah Oliver
        Melanie Uwe Karin Jörg Martina Lukas Sophie Klaus Anja Dirk Laura Maximilian Heike Philipp Silke Robert Kathrin Sven
    Simone Käthe Bernd
        Ulrike Günther Anke Ümit Elke Wolfgang Franziska Johannes Eva Holger Vanessa""",
    "FR": """Jean Marie Pierre Nathalie Michel Isabelle Philippe Sophie Nicolas Céline Laurent Julie Thomas Camille Stéphane
    Aurélie David Émilie
        Julien Hélène François Chloé Christophe Sandrine Olivier Valérie Alexandre Catherine Frédéric Anne Antoine Stéphanie
    Sébastien Caroline
        Guillaume Élodie Jérôme Virginie Vincent Léa Mathieu Pauline Maxime Claire Benoît Manon Éric Laura Romain Marion Bruno
    Zoé Gaël Patrick
        Lucie Cédric Agnès Arnaud Brigitte""",
    "ES": """Antonio María José Carmen Manuel Ana Francisco Laura David Cristina Juan Marta Javier Isabel Daniel Lucía Carlos
    Elena Jesús Pilar
        Alejandro Sara Miguel Raquel Pedro Beatriz Pablo Rocío Sergio Silvia Ángel Mercedes Fernando Nuria Jorge Sonia Luis
    Patricia Alberto
        Rosa Álvaro Paula Diego Irene Adrián Begoña Raúl Andrea Íñigo Alba Rubén Inés Iván Julia Andrés Teresa Óscar Eva""",
    "NO": """Jan Anne Per Inger Bjørn Kari Ole Marit Lars Ingrid Kjell Liv Knut Eva Arne Solveig Svein Anna Thomas Hilde Hans
    Berit Geir Nina
        Tor Astrid Morten Randi Terje Marianne Odd Åse Erik Silje Martin Elin Andreas Ida John Tone Håkon Hanne Pål Bente Øystein Camilla
        Rune Maria Trond Julie Kristian Emma Magnus Nora""",
    "US": """James Mary Michael Jennifer Robert Patricia John Linda David Elizabeth William Barbara Richard Susan Joseph Jessica
    Thomas Sarah
        Christopher Karen Charles Lisa Daniel Nancy Matthew Ashley Anthony Emily Mark Sandra Steven Kimberly Andrew Michelle Paul
    Amanda Joshua
        Melissa Kenneth Stephanie Kevin Rebecca Brian Laura Timothy Amy Ronald Angela Jason Nicole Jeffrey Samantha Ryan
    Katherine Jacob Emma
        Gary Rachel Nicholas Maria Eric Olivia Jonathan Grace Stephen Heather Larry Megan Justin Priya Scott Aisha Brandon Wei
    Benjamin Renée""",
}  # fmt: skip
_LAST = {
    "IT": """Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti De·Luca Mancini Costa
    Giordano Rizzo Lombardi
        Moretti Barbieri Fontana Santoro Mariani Rinaldi Caruso Ferrara Galli Martini Leone Longo Gentile Martinelli Vitale
    Lombardo Serra Coppola
        De·Santis D'Angelo Marchetti Parisi Villa Conte Ferraro Ferri Fabbri Bianco Marini Grasso Valentini Messina Sala
    De·Angelis Gatti Galvàn""",
    "RO": """Popa Popescu Pop Radu Ionescu Dumitru Stoica Stan Gheorghe Matei Ciobanu Rusu Munteanu Constantin Dinu Șerban Marin
    Moldovan Florea
        Nistor Lazăr Toma Neagu Ilie Dumitrescu Georgescu Vasile Preda Mihai Tudor Enache Barbu Țăranu Dobre Oprea Sandu Ștefan
    Manole Voicu
        Dumitrașcu Văcărescu Nicolae Petrescu Bălan Ungureanu Tănase Cristea Anghel Diaconu Popovici""",
    "DE": """Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf
    Schröder Neumann
        Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Schmitz Krause Meier Lehmann Schmid Schulze Maier
    Köhler Herrmann
        König Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn Schubert Yılmaz von·Brühl Groß Jäger""",
    "FR": """Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel Lefèvre Leroy Roux David
    Bertrand Morel Fournier
        Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Müller Lefebvre Faure André Mercier Blanc Guérin Boyer Garnier
    Chevalier François
        Legrand Gauthier Garcia Perrin Robin Clément Morin Nicolas Henry Roussel Mathieu Gautier Masson Le·Gall Noël""",
    "ES": """García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez Ruiz Hernández Díaz Moreno
    Álvarez Muñoz Romero
        Alonso Gutiérrez Navarro Torres Domínguez Vázquez Ramos Gil Ramírez Serrano Blanco Molina Suárez Morales Ortega Delgado
    Castro Ortiz
        Rubio Marín Sanz Núñez Iglesias Medina Garrido Cortés Castillo Santos Lozano Guerrero Cano Prieto""",
    "NO": """Hansen Johansen Olsen Larsen Andersen Pedersen Nilsen Kristiansen Jensen Karlsen Johnsen Pettersen Eriksen Berg
    Haugen Hagen Johannessen
        Andreassen Jacobsen Dahl Jørgensen Halvorsen Henriksen Lund Sørensen Jakobsen Moen Gundersen Iversen Strand Solberg
    Svendsen Eide Knutsen
        Martinsen Paulsen Bakken Kristoffersen Mathisen Lie Amundsen Nguyen Rasmussen Lunde Solheim Bråten Ødegård Sæther Åsen Strøm""",
    "US": """Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson
    Thomas Taylor Moore
        Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young Allen King Wright Scott
    Torres Nguyen
        Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Patel Kim O'Brien Taylor-Brooks""",
}  # fmt: skip
_MOST = {"IT": 0.0028, "RO": 0.0100, "DE": 0.0095, "FR": 0.0038, "ES": 0.0250, "NO": 0.0100, "US": 0.0083}
_STARTS = {
    "IT": "Bar Cal Dal Fer Gar Lan Mal Pas Ros San Tar Val Zan Bel Cor Mon Pel Ven Gal Mar",
    "RO": "Băl Ciob Dră Flor Găn Iord Lup Mold Năst Olt Pân Roș Săv Tăn Ursu Văl Zah Ist Cern Hor",
    "DE": "Ach Brand Drey Eich Frei Grün Hein Kauf Land Mühl Nuss Ost Pfeif Rein Stein Thal Uhl Wein Zieg Blum",
    "FR": "Bar Cham Dela Font Gail Haut Jou Lar Mont Nav Poi Ques Riv Sau Tour Vill Bois Clos Ger Mail",
    "ES": "Alb Bar Cal Del Esp Fig Gal Her Iba Jar Lar Mon Nav Oliv Pal Quin Riv Sal Tor Val",
    "NO": "Aas Bjør Dal Eng Fos Grø Hel Iver Kvam Lang Mos Nord Ols Rød Skog Tved Ulv Vik Øst Hau",
    "US": "Ash Black Cald Dun Ells Fair Gran Hart Ing Kell Lang Mar North Oak Pem Rad Stan Tread Whit Wood",
}  # fmt: skip
_MIDDLES = {
    "IT": "a e i o er an el in os et",
    "RO": "a e u i o es an ăr in et",
    "DE": "en er el in lein ing st",
    "FR": "e au ou i on er ette",
    "ES": "a e i o ar en on er",
    "NO": "e a er els ing land",
    "US": "er en ing le in ber ton",
}
_ENDS = {
    "IT": "ini etti oni elli ato ucci ese aro otti anza iello asso",
    "RO": "escu eanu oiu aru aș ici uță ache oreanu an eș ean",
    "DE": "mann berger bach feld hofer meier hardt kamp thal brink dorf ner",
    "FR": "eau ier ard in oux ault ois lin chand mont ville y",
    "ES": "ez es al ero ano illo ada osa eras ete ín ón",
    "NO": "sen stad vik nes land rud seth heim dal moen gård berg",
    "US": "son ton ley man well worth field er brook ford dale ham",
}  # fmt: skip
CITIES = {
    "IT": "Milano Torino Bologna Roma Padova Verona Brescia Napoli Firenze Trento",
    "RO": "București Cluj-Napoca Timișoara Iași Brașov Sibiu Oradea Constanța",
    "DE": "München Berlin Köln Hamburg Stuttgart Düsseldorf Nürnberg Leipzig",
    "FR": "Paris Lyon Marseille Toulouse Nantes Lille Orléans",
    "ES": "Madrid Barcelona València Sevilla Bilbao Málaga",
    "NO": "Oslo Bergen Trondheim Tromsø Stavanger", "US": "Boston Chicago Austin Seattle Denver Atlanta Portland",
}  # fmt: skip
NICKNAMES = {
    "Alessandro": "Ale Sandro",
    "Giuseppe": "Beppe Pino Peppe",
    "Francesco": "Franco Checco",
    "Francesca": "Franci",
    "Giovanni": "Gianni Nino",
    "Roberto": "Robi",
    "Valentina": "Vale",
    "Alessandra": "Ale Sandra",
    "Antonio": "Toni Nino Tonio",
    "Elisabetta": "Betta",
    "Federica": "Fede",
    "Domenico": "Mimmo",
    "Salvatore": "Totò Turi",
    "Lorenzo": "Lollo Renzo",
    "Vincenzo": "Enzo",
    "Alexandru": "Alex Sandu",
    "Alexandra": "Alexa",
    "Ștefan": "Fane",
    "Gabriel": "Gabi",
    "Gabriela": "Gabi",
    "Cristian": "Cristi",
    "Cristina": "Cris",
    "Mihaela": "Miki",
    "Gheorghe": "George Gigi",
    "Nicolae": "Nicu",
    "Constantin": "Costin Costel",
    "Daniel": "Dan Dani Danny",
    "Alexander": "Alex Sascha",
    "Michael": "Mike Michi Mick",
    "Andreas": "Andi",
    "Katharina": "Kathi Katja",
    "Sebastian": "Basti",
    "Maximilian": "Max",
    "Matthias": "Matze Matti",
    "Johannes": "Hannes",
    "Christina": "Tina Chris",
    "Stefanie": "Steffi",
    "Susanne": "Susi",
    "Wolfgang": "Wolf",
    "Philippe": "Phil",
    "Frédéric": "Fred",
    "Alexandre": "Alex",
    "Stéphanie": "Steph",
    "Catherine": "Cathy",
    "Guillaume": "Gui",
    "José": "Pepe",
    "Francisco": "Paco Fran",
    "Manuel": "Manolo",
    "Jesús": "Chus",
    "Mercedes": "Merche",
    "Kristian": "Kris",
    "William": "Bill Will",
    "Robert": "Bob Rob",
    "Richard": "Dick Rick",
    "James": "Jim Jamie",
    "Elizabeth": "Liz Beth Betty",
    "Jennifer": "Jen Jenny",
    "Thomas": "Tom",
    "Charles": "Charlie Chuck",
    "Joseph": "Joe",
    "Christopher": "Chris",
    "Matthew": "Matt",
    "Anthony": "Tony",
    "Steven": "Steve",
    "Andrew": "Andy Drew",
    "Kenneth": "Ken",
    "Timothy": "Tim",
    "Jeffrey": "Jeff",
    "Nicholas": "Nick",
    "Benjamin": "Ben",
    "Jonathan": "Jon",
    "Katherine": "Kate Kathy",
    "Patricia": "Pat Patty",
    "Barbara": "Barb",
    "Margaret": "Peggy Maggie",
    "Samantha": "Sam",
    "Rebecca": "Becky",
    "Stephanie": "Steph",
    "Kimberly": "Kim",
    "Jessica": "Jess",
    "Joshua": "Josh",
    "Ronald": "Ron",
}  # fmt: skip
_STEMS = """Adria Alba Aurora Borea Carpați Castello Delta Dunărea Echo Fabrica Fjord Garda Hansa Helix Isar Juno Kairos Lumen
    Mistral Nexa Nordlys Orion
    Ostsee Prisma Quarz Rhein Sextant Tevere Transilva Umbra Vela Zephyr Apex Boreal Cobalt Dynamis Elevra Ferro Gemma Hydra
    Ionix Kappa Logos Metra Novus
    Optima Polar Rubra Sigma Terra Unica Vertex Zenit"""
_TRADES = """Systems Logistik Tessile Software Finanz Meccanica Energie Retail Health Consulting Data Motori Print Foods Labs
    Industrie Pharma Solar Trade
    Service Design Media Cloud Security Bau Packaging Mobility Agro Tech Robotics"""
_TITLES = """CEO;CTO;CFO;Sales Director;Marketing Manager;Head of IT;Buyer;Analyst;Project Manager;Consultant;Software Engineer;
    Responsabile Acquisti;
    Geschäftsführer;Directeur commercial;Inginer;Daglig leder;HR Manager;Operations Manager;Product Manager;Assistant"""
STEMS, TRADES = _STEMS.split(), _TRADES.split()
TITLES = [title.strip() for title in _TITLES.split(";")]
FREE = {
    "IT": "gmail.com libero.it hotmail.it virgilio.it yahoo.it",
    "RO": "gmail.com yahoo.com yahoo.ro",
    "DE": "gmail.com gmx.de web.de t-online.de",
    "FR": "gmail.com orange.fr free.fr hotmail.fr",
    "ES": "gmail.com hotmail.com telefonica.net",
    "NO": "gmail.com hotmail.com telia.com",
    "US": "gmail.com yahoo.com outlook.com aol.com icloud.com",
}  # fmt: skip


_ONSETS = ["B", "C", "D", "F", "G", "L", "M", "N", "P", "R", "S", "T", "V", "Z", "Br", "Cr", "Gr", "Tr", "St", "Sp", "Pr", "Fl"]
_VOWELS = ["a", "e", "i", "o", "u"]
_INNER = ["l", "r", "n", "m", "s", "t", "d", "v", "b", "z", "ll", "nn", "rt", "nd", "st"]
_FIRST_MADE = Syllables((_ONSETS, _VOWELS, _INNER, ["a", "o", "e", "us", "in", "ina", "an", "el", "ela", "is", "ia", "ar"]))
_STEMS_MADE = Syllables((_ONSETS, _VOWELS, _INNER, _VOWELS, ["x", "n", "s", "r", "m", "l", "ra", "na"]))


@cache
def first_names(country: str) -> Stock:
    """Return first names; the commonest is some 2 % of all, men and women, and foreign ones come now and then."""
    own = _FIRST[country].split()
    foreign = [name for other in COUNTRIES if other != country for name in _FIRST[other].split()[:40]]
    falling = [1 / (place + 4) ** 0.9 for place in range(len(own))]
    shares = [LISTED_FIRST * each / sum(falling) for each in falling]
    return stock(foreign + own, [FOREIGN_FIRST / len(foreign)] * len(foreign) + shares, _FIRST_MADE, FIRST_NAMES)


def _surnames_made(country: str) -> Syllables:
    """Return a country's syllables, with any beginning before what its own beginnings end in."""
    ends = list(dict.fromkeys(re.sub(r"^[^aeiouăâøåAEIOUÅØ]+", "", start).lower() for start in _STARTS[country].split()))
    middles = _MIDDLES[country].split()
    return Syllables((_ONSETS, ends, middles, _ENDS[country].split()), middles)


@cache
def last_names(country: str) -> Stock:
    """Return surnames: those listed first, by the share of the commonest, then the tail."""
    listed = [name.replace("·", " ") for name in _LAST[country].split()]
    shares = [_MOST[country] / (place + 1) ** 0.55 for place in range(len(listed))]
    return stock(listed, shares, _surnames_made(country), SURNAMES[country])


@cache
def stems() -> Stock:
    """Return words by which firms are called that do not have their owner's name: a few that many take, and inventions."""
    return stock(STEMS, [LISTED_STEMS / len(STEMS)] * len(STEMS), _STEMS_MADE, STEMS_MADE)


@cache
def towns(country: str) -> Stock:
    """Return towns: the second is half as large as the first, and so on, through all there are."""
    listed, count = CITIES[country].split(), TOWNS[country]
    whole = sum(1 / (place + 1) for place in range(count))
    return stock(listed, [1 / (place + 1) / whole for place in range(len(listed))], _surnames_made(country), count - len(listed))
