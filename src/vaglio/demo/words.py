"""The words the made company's tables are written with: people, titles, firms, sectors."""

from __future__ import annotations

COUNTRIES = ("IT", "RO", "DE", "FR", "ES", "NO", "US")
COUNTRY_WEIGHTS = (0.26, 0.20, 0.20, 0.10, 0.09, 0.05, 0.10)

INDUSTRIES = ("software", "finance", "manufacturing", "retail", "healthcare", "public sector", "logistics",
              "energy", "education")  # fmt: skip
INDUSTRY_WEIGHTS = (0.21, 0.17, 0.20, 0.11, 0.09, 0.07, 0.07, 0.04, 0.04)

SENIORITIES = ("chief", "vp", "director", "head", "manager", "specialist", "intern", "student")
SENIORITY_WEIGHTS = (0.15, 0.09, 0.18, 0.13, 0.21, 0.17, 0.025, 0.045)

# English titles are used everywhere; each country adds its own, which a model of English words misses.
TITLES_ENGLISH: tuple[tuple[str, ...], ...] = (
    ("CEO", "CTO", "CFO", "CFO & Co-Founder", "Chief Marketing Officer", "Chief Revenue Officer",
     "CEO / Founder", "Chief Information Officer"),
    ("VP Sales", "VP of Marketing", "VP, Finance", "VP Engineering", "SVP Operations"),
    ("Sales Director", "Director of Finance", "Marketing Director", "IT Director", "Director, Procurement"),
    ("Head of Marketing", "Head of Sales", "Head of IT", "Head of Purchasing", "Head of Digital (EMEA)"),
    ("Marketing Manager", "Finance Manager", "Sales Manager", "Project Manager", "Account Manager",
     "IT Manager"),
    ("Analyst", "Marketing Specialist", "Software Engineer", "Consultant", "Buyer", "Data Engineer",
     "Assistant"),
    ("Intern", "Marketing Intern", "Intern - Sales"),
    ("Student", "PhD Student", "MBA Student", "Master's student"),
)  # fmt: skip

TITLES_LOCAL: dict[str, tuple[tuple[str, ...], ...]] = {
    "IT": (
        ("Amministratore Delegato", "CFO e socio"), ("Vicepresidente",),
        ("Direttore Vendite", "Direttrice Marketing", "Direttore Generale"), ("Responsabile Acquisti",),
        ("Responsabile Qualità", "Capo progetto"), ("Impiegata commerciale", "Tecnico"), ("Stagista",),
        ("Studentessa", "Studente universitario"),
    ),
    "RO": (
        ("Administrator", "Președinte"), ("Vicepreședinte",), ("Director vânzări", "Director financiar"),
        ("Șef achiziții", "Șef birou vânzări"), ("Manager proiect", "Responsabil logistică"),
        ("Inginer", "Economist", "Specialist achiziții"), ("Stagiar",), ("Studentă", "Student la master"),
    ),
    "DE": (
        ("Geschäftsführer", "Geschäftsführerin", "Vorstand"), ("Prokurist",), ("Vertriebsdirektor",),
        ("Leiter Einkauf", "Abteilungsleiterin IT"), ("Teamleiter", "Projektmanagerin"),
        ("Sachbearbeiter", "Entwicklerin"), ("Praktikantin",), ("Studentin", "Werkstudent"),
    ),
    "FR": (
        ("Président-directeur général", "Gérante"), ("Vice-président",),
        ("Directeur financier", "Directrice générale"), ("Responsable achats",),
        ("Chef de projet", "Chargée de clientèle"), ("Ingénieur", "Assistante"),
        ("Stagiaire",), ("Étudiante", "Étudiant"),
    ),
    "ES": (
        ("Consejero delegado",), ("Vicepresidenta",), ("Directora de Compras", "Director de Ventas"),
        ("Jefa de Marketing",), ("Gestor de proyectos",), ("Técnico", "Administrativa"), ("Becario",),
        ("Estudiante",),
    ),
    "NO": (
        ("Daglig leder", "Administrerende direktør"), ("Visepresident",),
        ("Salgsdirektør", "Økonomidirektør"), ("Innkjøpssjef",), ("Prosjektleder",),
        ("Rådgiver", "Utvikler"), ("Praktikant",), ("Student, NTNU",),
    ),
    "US": TITLES_ENGLISH,
}  # fmt: skip

FIRST_NAMES: dict[str, tuple[str, ...]] = {
    "IT": ("Giulia", "Marco", "Francesca", "Luca", "Niccolò", "Chiara", "Matteo", "Elisa", "Davide", "Noè"),
    "RO": ("Andreea", "Mihai", "Ștefan", "Ioana", "Răzvan", "Tudor", "Elena", "Bogdan", "Mădălina",
           "Cătălin"),
    "DE": ("Jürgen", "Anna", "Björn", "Käthe", "Lukas", "Sophie", "Jörg", "Lena", "Maximilian", "Ümit"),
    "FR": ("Hélène", "Gaël", "Camille", "François", "Chloé", "Jérôme", "Zoé", "Antoine"),
    "ES": ("María", "José", "Lucía", "Íñigo", "Begoña", "Andrés", "Carmen", "Ángel"),
    "NO": ("Bjørn", "Åse", "Øystein", "Ingrid", "Håkon", "Solveig", "Pål", "Kari"),
    "US": ("Emily", "James", "Aisha", "Michael", "Sofia", "Daniel", "Grace", "Tyler", "Renée", "O'Neal"),
}  # fmt: skip

LAST_NAMES: dict[str, tuple[str, ...]] = {
    "IT": ("Rossi", "Bianchi", "D'Angelo", "Esposito", "Ferrari", "De Luca", "Galvàn", "Ricci",
           "Moretti", "Greco"),
    "RO": ("Popescu", "Ionescu", "Țăranu", "Șerban", "Munteanu", "Dumitrașcu", "Văcărescu", "Radu", "Stan"),
    "DE": ("Müller", "Schäfer", "Weiß", "Groß", "Fischer", "von Brühl", "Köhler", "Schmidt", "Jäger",
           "Braun"),
    "FR": ("Lefèvre", "Dubois", "Moreau", "Gérard", "Noël", "Le Gall", "Garçon", "Martin"),
    "ES": ("García", "Muñoz", "Ibáñez", "Pérez-Reverte", "Núñez", "López", "Peña", "Vidal"),
    "NO": ("Hansen", "Ødegård", "Bjørnstad", "Åsen", "Lunde", "Strøm", "Sæther", "Berg"),
    "US": ("Smith", "Johnson", "Nguyen", "Williams", "O'Brien", "Garcia", "Kim", "Taylor-Brooks", "Patel"),
}  # fmt: skip

GIBBERISH = ("asdf", "qwerty", "xkjhg", "test", "aaaa", "zxcvb", "jklö", "123", "hgfdsa", "foo")

# Reserved names (RFC 2606), so that no made address can reach anyone.
FREE_MAIL = ("freemail.example", "postbox.example", "webpost.example")
DISPOSABLE_MAIL = ("tenminutes.example", "throwaway.example", "trashbox.example")

FIRM_STEMS = ("Adria", "Alba", "Aurora", "Borea", "Carpați", "Castello", "Delta", "Dunărea", "Echo",
              "Fabrica", "Fjord", "Garda", "Hansa", "Helix", "Isar", "Juno", "Kairos", "Lumen", "Mistral",
              "Nexa", "Nordlys", "Orion", "Ostsee", "Prisma", "Quarz", "Rhein", "Sextant", "Tevere",
              "Transilva", "Umbra", "Vela", "Zephyr")  # fmt: skip
FIRM_TRADES = ("Systems", "Logistik", "Tessile", "Software", "Finanz", "Meccanica", "Energie", "Retail",
               "Health", "Consulting", "Data", "Motori", "Print", "Foods", "Labs", "Industrie")  # fmt: skip
FIRM_FORMS = {"IT": "SpA", "RO": "SRL", "DE": "GmbH", "FR": "SAS", "ES": "S.L.", "NO": "AS", "US": "Inc."}

LEAD_SOURCES = ("website", "webinar", "trade fair", "referral", "paid search", "bought list", "partner")
LEAD_SOURCE_WEIGHTS = (0.34, 0.16, 0.12, 0.08, 0.15, 0.10, 0.05)
SEGMENTS = ("small", "mid-market", "enterprise")
