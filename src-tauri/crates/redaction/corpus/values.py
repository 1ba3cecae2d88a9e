"""Made-up values of personal data and the ways people say them.

A value is a list of groups; a group is a pair (spoken words, written form).  Every number is invented:
phone numbers are from the ranges kept for fiction, cards are test ranges.
"""

import random

UNITS = "zero one two three four five six seven eight nine".split()
TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
MONTHS = ("January February March April May June July August September October November "
          "December").split()
ORDINALS = ("_ first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
            "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth").split()
NATO = ("alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar "
        "papa quebec romeo sierra tango uniform victor whiskey x-ray yankee zulu").split()
HOMELY = ("apple bob cat david edward freddie george harry ice john king london mother nelly orange "
          "peter queen robert sugar tommy umbrella victor william x-ray yellow zebra").split()


def two(n):
    """0 to 99 as a cardinal."""
    if n < 10:
        return UNITS[n]
    if n < 20:
        return TEENS[n - 10]
    return TENS[n // 10] + ("" if n % 10 == 0 else " " + UNITS[n % 10])


def ordinal(n):
    if n <= 20:
        return ORDINALS[n]
    return {30: "thirtieth"}.get(n) or f"{TENS[n // 10]} {ORDINALS[n % 10]}"


def suffix(n):
    return f"{n}" + ("th" if 11 <= n <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th"))


def year(rng, y):
    """A year as people say it."""
    if y >= 2010:
        return f"twenty {two(y % 100)}"
    if y >= 2000:
        rest = y % 100
        return "two thousand" + (rng.choice([" and ", " "]) + UNITS[rest] if rest else "")
    rest = y % 100
    tail = rng.choice(["oh ", "hundred and "]) + UNITS[rest] if rest < 10 else two(rest)
    return rng.choice([f"nineteen {tail}", f"nineteen {tail}", tail if rest > 30 else f"nineteen {tail}"])


class Teller:
    """Says values the way one person does."""

    def __init__(self, rng, region):
        self.rng = rng
        self.region = region
        self.zero = rng.choice(["oh", "oh", "zero"] if region != "US" else ["oh", "zero", "zero", "o"])
        self.doubles = region != "US" and rng.random() < 0.7 or rng.random() < 0.15
        self.pairs = rng.random() < (0.25 if region == "US" else 0.1)

    def digit(self, d):
        return self.zero if d == "0" else UNITS[int(d)]

    def digits(self, text):
        """A group of digits in words."""
        rng = self.rng
        if self.pairs and len(text) in (2, 4) and text[0] != "0" and rng.random() < 0.6:
            pairs = [text[i:i + 2] for i in range(0, len(text), 2)]
            if all(p[0] != "0" for p in pairs):
                return " ".join(two(int(p)) for p in pairs)
        if len(text) == 3 and text.endswith("00") and text[0] != "0" and rng.random() < 0.6:
            return UNITS[int(text[0])] + " hundred"
        if len(text) == 4 and text.endswith("000") and rng.random() < 0.4:
            return UNITS[int(text[0])] + " thousand"
        words, i = [], 0
        while i < len(text):
            same = 1
            while i + same < len(text) and text[i + same] == text[i] and same < 3:
                same += 1
            if same > 1 and self.doubles:
                words.append(["", "", "double", rng.choice(["triple", "treble"])][same])
                words.append(self.digit(text[i]))
                i += same
            else:
                words.append(self.digit(text[i]))
                i += 1
        return " ".join(words)

    def letters(self, text, aid=0.35):
        """Letters one by one, some with a spelling aid."""
        rng, words = self.rng, []
        nato = rng.random() < 0.4
        i, text = 0, text.lower()
        while i < len(text):
            c = text[i]
            if not c.isalpha():
                i += 1
                continue
            if i + 1 < len(text) and text[i + 1] == c and self.region != "US":
                words.append("double")
                i += 1
            at = ord(c) - 97
            if rng.random() < aid:
                word = (NATO if nato else HOMELY)[at]
                words.append(rng.choice([f"{c} for {word}", f"{c} as in {word}"] + ([word] if nato else [])))
            else:
                words.append(c)
            i += 1
        return " ".join(words)

    def alnum(self, text, aid=0.25):
        """Letters and digits mixed."""
        words, i = [], 0
        while i < len(text):
            j = i
            while j < len(text) and text[j].isdigit() == text[i].isdigit():
                j += 1
            part = text[i:j]
            words.append(self.digits(part) if part[0].isdigit() else self.letters(part, aid))
            i = j
        return " ".join(words)


def random_digits(rng, n, first="0123456789"):
    return rng.choice(first) + "".join(rng.choice("0123456789") for _ in range(n - 1))


def luhn_check(body):
    total = 0
    for i, c in enumerate(reversed(body)):
        d = int(c) * (2 if i % 2 == 0 else 1)
        total += d - 9 if d > 9 else d
    return str(-total % 10)


def groups_of(text, sizes):
    out, i = [], 0
    for size in sizes:
        out.append(text[i:i + size])
        i += size
    return out


def spoken_groups(teller, parts, written):
    """Each group in words, with the written form of the whole."""
    return [(teller.digits(p) if p.isdigit() else teller.alnum(p), w) for p, w in zip(parts, written)]


def phone(rng, t):
    if t.region == "US":
        number = rng.choice(["212", "415", "312", "617", "904"]) + "555" + "01" + random_digits(rng, 2)
        parts = groups_of(number, [3, 3, 4])
        shape = rng.choice(["({}) {}-{}", "{}-{}-{}", "{} {} {}", "{}{}{}"])
        written = shape.format(*parts)
    elif t.region == "AU":
        number = "04" + "91570" + random_digits(rng, 3)
        parts = groups_of(number, [4, 3, 3])
        written = " ".join(parts)
    elif t.region == "IE":
        number = "08" + rng.choice("3567") + random_digits(rng, 7)
        parts = groups_of(number, [3, 3, 4])
        written = " ".join(parts)
    elif t.region == "IN":
        number = rng.choice("6789") + random_digits(rng, 9)
        parts = groups_of(number, rng.choice([[5, 5], [4, 3, 3], [3, 3, 4]]))
        written = rng.choice([" ".join(parts), "".join(parts)])
    else:
        kind = rng.random()
        if kind < 0.6:
            number, sizes = "07700900" + random_digits(rng, 3), [5, 3, 3]
        elif kind < 0.8:
            number, sizes = "0207946" + "0" + random_digits(rng, 3), [3, 4, 4]
        else:
            number, sizes = "0161496" + "0" + random_digits(rng, 3), [4, 3, 4]
        parts = groups_of(number, sizes)
        written = rng.choice([" ".join(parts), "".join(parts)])
        if rng.random() < 0.12:
            written = "+44 " + " ".join(parts)[1:]
    return grouped(t, parts, written)


def grouped(t, parts, written):
    """Groups with the written form cut at the same places, if it has them."""
    words = written.split(" ")
    if len(words) == len(parts):
        return spoken_groups(t, parts, words)
    spoken = " , ".join(t.digits(p) if p.isdigit() else t.alnum(p) for p in parts)
    return [(spoken, written)]


def card(rng, t):
    amex = rng.random() < 0.15
    if amex:
        body = "37" + random_digits(rng, 12)
        number = body + luhn_check(body)
        parts = groups_of(number, [4, 6, 5])
    else:
        body = rng.choice(["4929", "4111", "5105", "5454", "6011", "4000"]) + random_digits(rng, 11)
        number = body + luhn_check(body)
        parts = groups_of(number, [4, 4, 4, 4])
    return spoken_groups(t, parts, parts)


def card_last4(rng, t):
    number = random_digits(rng, 4)
    return [(t.digits(number), number)]


def expiry(rng, t):
    month, y = rng.randint(1, 12), rng.randint(26, 31)
    digits = f"{month:02}"
    says = [f"{t.digits(digits)} {two(y)}", f"{two(month)} {two(y)}",
            f"{MONTHS[month - 1].lower()} twenty {two(y)}", f"{t.digits(digits)} slash {two(y)}",
            f"{MONTHS[month - 1].lower()} {two(y)}"]
    return [(rng.choice(says), rng.choice([f"{month:02}/{y}", f"{month:02}/20{y}", f"{MONTHS[month - 1]} 20{y}"]))]


def cvv(rng, t):
    number = random_digits(rng, 3)
    return [(t.digits(number), number)]


def ssn(rng, t):
    parts = [str(rng.randint(100, 665)), f"{rng.randint(1, 99):02}", f"{rng.randint(1, 9999):04}"]
    return grouped(t, parts, rng.choice(["-".join(parts), " ".join(parts), "".join(parts)]))


def ssn_last4(rng, t):
    return card_last4(rng, t)


def nino(rng, t):
    text = rng.choice(["QQ", "AB", "JM", "PX"]) + random_digits(rng, 6) + rng.choice("ABCD")
    parts = [text[:2], text[2:4], text[4:6], text[6:8], text[8]]
    return spoken_groups(t, parts, parts) if rng.random() < 0.6 else [(" ".join(t.alnum(p) for p in parts), text)]


def national_id(rng, t):
    if t.region == "IN":
        parts = [random_digits(rng, 4, "23456789"), random_digits(rng, 4), random_digits(rng, 4)]
        return spoken_groups(t, parts, parts)
    text = random_digits(rng, 7) + rng.choice("ABCDEFW")
    return [(t.alnum(text), text)]


def born(rng, t):
    y, m, d = rng.randint(1938, 2006), rng.randint(1, 12), rng.randint(1, 28)
    month, said = MONTHS[m - 1], year(rng, y)
    if t.region == "US":
        says = [f"{month.lower()} {ordinal(d)} {said}", f"{month.lower()} {two(d)} {said}",
                f"{t.digits(f'{m:02}')} {t.digits(f'{d:02}')} {said}", f"{two(m)} {two(d)} {said}"]
        writes = [f"{month} {d}, {y}", f"{m:02}/{d:02}/{y}", f"{month} {suffix(d)}, {y}"]
    else:
        says = [f"the {ordinal(d)} of {month.lower()} {said}", f"{ordinal(d)} {month.lower()} {said}",
                f"the {ordinal(d)} of the {ordinal(m)} {said}", f"{t.digits(f'{d:02}')} {t.digits(f'{m:02}')} {said}",
                f"{two(d)} {two(m)} {said}"]
        writes = [f"{d} {month} {y}", f"{d:02}/{m:02}/{y}", f"the {suffix(d)} of {month} {y}"]
    return [(rng.choice(says), rng.choice(writes))]


STREETS = ("Maple Oak Cedar Church Station Victoria Mill Rosewood Larkspur Harbour Kings Albert Linden Juniper "
           "Willow Foundry Sycamore Bramble Orchard Fairview Highfield Ashdown Pemberton Sandringham").split()
TOWNS_GB = ["Leeds", "Bristol", "Harrogate", "Nottingham", "Swansea", "Stockport", "Reading", "Bath"]
TOWNS_US = ["Springfield Illinois", "Madison Wisconsin", "Dayton Ohio", "Tulsa Oklahoma", "Fresno California",
            "Albany New York"]
TYPES_GB = ["Road", "Lane", "Close", "Avenue", "Street", "Crescent", "Drive", "Gardens", "Terrace", "Way"]
TYPES_US = ["Street", "Avenue", "Drive", "Boulevard", "Lane", "Court", "Parkway", "Circle"]


def house(rng, t):
    n = rng.randint(2, 140) if t.region != "US" else rng.randint(11, 9999)
    text = str(n)
    if n < 100:
        return two(n), text
    if n < 1000:
        hundred = rng.choice([f"{UNITS[n // 100]} {two(n % 100) if n % 100 > 9 else t.digits(text[1:])}",
                              t.digits(text), f"{UNITS[n // 100]} hundred and {two(n % 100)}" if n % 100 else
                              f"{UNITS[n // 100]} hundred"])
        return hundred, text
    tail = n % 100
    return (f"{two(n // 100)} {two(tail) if tail > 9 else t.digits(text[2:])}", text)


def street(rng, t):
    says, writes = house(rng, t)
    name = rng.choice(STREETS)
    kind = rng.choice(TYPES_US if t.region == "US" else TYPES_GB)
    groups = [(f"{says} {name.lower()} {kind.lower()}", f"{writes} {name} {kind}")]
    if rng.random() < 0.3:
        n = rng.randint(1, 30)
        unit = rng.choice(["apartment", "unit"] if t.region == "US" else ["flat", "flat"])
        extra = (f"{unit} {two(n)}", f"{unit.capitalize()} {n}")
        groups = groups + [extra] if t.region == "US" else [extra] + groups
    return groups


def postcode_value(rng, t):
    if t.region in ("US", "IN", "AU"):
        n = {"US": 5, "IN": 6, "AU": 4}[t.region]
        text = random_digits(rng, n, "123456789")
        return (t.digits(text), text)
    area = rng.choice(["LS", "BS", "HG", "NG", "M", "SW", "E", "CF", "B", "G"])
    district, tail = str(rng.randint(1, 29)), f"{rng.randint(1, 9)}{rng.choice('ABDEFGHJLNPQRSTUWXYZ')}{rng.choice('ABDEFGHJLNPQRSTUWXYZ')}"
    said = f"{t.letters(area, .3)} {two(int(district)) if rng.random() < .5 else t.digits(district)} {t.alnum(tail, .3)}"
    return (said, f"{area}{district} {tail}")


def address(rng, t):
    groups = street(rng, t)
    town = rng.choice(TOWNS_US if t.region == "US" else TOWNS_GB)
    groups = groups + [(town.lower(), town)]
    if rng.random() < 0.5:
        groups.append(postcode_value(rng, t))
    return groups


def postcode(rng, t):
    return [postcode_value(rng, t)]


DOMAINS = ["gmail.com", "yahoo.com", "hotmail.co.uk", "outlook.com", "example.org", "btinternet.com", "icloud.com",
           "proton.me", "quillworks.io", "northgate.example"]


def email_for(rng, t, first, last):
    sep, said = rng.choice([(".", " dot "), ("_", " underscore "), ("", " "), ("-", " dash ")])
    first, last = first.lower(), last.lower().replace(" ", "").replace("'", "").replace("-", "")
    form = rng.random()
    if form < 0.45:
        local, says = f"{first}{sep}{last}", f"{first}{said}{last}"
    elif form < 0.6:
        local, says = f"{first[0]}{sep}{last}", f"{first[0]}{said}{last}"
    elif form < 0.8:
        number = random_digits(rng, 2)
        local = f"{first}{sep}{last}{number}"
        says = f"{first}{said}{last} {two(int(number)) if number[0] != '0' else t.digits(number)}"
    elif form < 0.9:
        local, says = f"{last}{first[0]}", f"{t.letters(last, .2)} {first[0]}"
    else:
        word = rng.choice(["sunnydays", "bookworm", "redkite", "thegardener", "skaterdad"])
        number = random_digits(rng, 2, "123456789")
        local, says = f"{word}{number}", f"{word} {two(int(number))}"
    domain = rng.choice(DOMAINS)
    return [(f"{says} at {domain.replace('.', ' dot ')}", f"{local}@{domain}")]


def account(rng, t):
    form = rng.random()
    if form < 0.6:
        text = random_digits(rng, rng.choice([8, 8, 9, 10]))
        parts = groups_of(text, [4, len(text) - 4])
    elif form < 0.85:
        prefix = rng.choice(["AC", "CU", "BX", "P", "HN", "GL"])
        parts = [prefix, random_digits(rng, 3), random_digits(rng, 3)]
    else:
        parts = [random_digits(rng, 3), random_digits(rng, 3), random_digits(rng, 2)]
    written = rng.choice(["{}", "{}", "{}-{}", "{} {}"])
    whole = "".join(parts)
    if written == "{}":
        return [(" ".join(t.alnum(p) for p in parts), whole)]
    return spoken_groups(t, parts, parts) if " " in written else [(" ".join(t.alnum(p) for p in parts), "-".join(parts))]


def routing(rng, t):
    if t.region == "US":
        body = random_digits(rng, 8, "01")
        weights = [3, 7, 1] * 3
        check = str(-sum(int(c) * w for c, w in zip(body, weights)) % 10)
        text = body + check
        return [(" ".join(t.digits(p) for p in groups_of(text, [3, 3, 3])), text)]
    parts = [random_digits(rng, 2, "1234569"), random_digits(rng, 2), random_digits(rng, 2)]
    return [(" ".join(t.digits(p) for p in parts), rng.choice(["-".join(parts), " ".join(parts)]))]


def iban(rng, t):
    country, bank = rng.choice([("GB", "NWBK"), ("IE", "AIBK"), ("DE", "")])
    body = bank + random_digits(rng, {"GB": 14, "IE": 14, "DE": 18}[country])
    number = "".join(str(int(c, 36)) for c in body + country + "00")
    text = f"{country}{98 - int(number) % 97:02}{body}"
    parts = [text[i:i + 4] for i in range(0, len(text), 4)]
    return spoken_groups(t, parts, parts) if rng.random() < .5 else [(" ".join(t.alnum(p, .1) for p in parts), text)]


def medical(rng, t):
    if t.region == "US":
        text = rng.choice(["XYZ", "HPK", "W"]) + random_digits(rng, 9)
        return [(t.alnum(text, .2), text)]
    while True:
        body = random_digits(rng, 9, "4567")
        check = (11 - sum(int(c) * w for c, w in zip(body, range(10, 1, -1))) % 11) % 11
        if check < 10:
            break
    parts = groups_of(body + str(check), [3, 3, 4])
    return spoken_groups(t, parts, parts)


def passport(rng, t):
    text = random_digits(rng, 9, "12345") if rng.random() < .6 else rng.choice("CNPX") + random_digits(rng, 8)
    return [(t.alnum(text), text)]


def license(rng, t):
    if t.region == "US":
        text = rng.choice("DSBK") + random_digits(rng, rng.choice([7, 12]))
    else:
        text = rng.choice(["HARTL", "OKAFO", "MORGA", "SMITH"]) + random_digits(rng, 6) + "S" + random_digits(rng, 1, "9") + rng.choice("AJK") + rng.choice(["AB", "CD", "XY"])
    return [(t.alnum(text, .15), text)]


def plate(rng, t):
    letters = lambda n: "".join(rng.choice("ABCDEFGHJKLMNOPRSTUVWXYZ") for _ in range(n))
    if t.region == "US":
        parts = [letters(3), random_digits(rng, 4)] if rng.random() < .5 else [random_digits(rng, 1, "123456789"), letters(3), random_digits(rng, 3)]
        return [(" ".join(t.alnum(p) for p in parts), "".join(parts))]
    parts = [letters(2), random_digits(rng, 2), letters(3)]
    number = rng.choice([t.digits(parts[1]), two(int(parts[1])) if parts[1][0] != "0" else t.digits(parts[1])])
    return [(f"{t.letters(parts[0])} {number} {t.letters(parts[2])}", f"{parts[0]}{parts[1]} {parts[2]}")]


def device(rng, t):
    if rng.random() < .6:
        body = "35" + random_digits(rng, 12)
        text = body + luhn_check(body)
        return [(" ".join(t.digits(p) for p in groups_of(text, [3, 4, 4, 4])), text)]
    text = "SN" + random_digits(rng, 4) + "K" + random_digits(rng, 3)
    return [(t.alnum(text), text)]


def ip(rng, t):
    parts = [str(rng.choice([86, 92, 81, 145, 203])), str(rng.randint(10, 240)), str(rng.randint(0, 99)), str(rng.randint(2, 250))]
    say = lambda p: t.digits(p) if rng.random() < .6 or len(p) == 3 else two(int(p))
    return [(" dot ".join(say(p) for p in parts), ".".join(parts))]


def pin(rng, t):
    text = random_digits(rng, rng.choice([4, 4, 6]))
    return [(t.digits(text), text)]


WORDS = ["butterscotch", "marmalade", "thunderbolt", "bluebird", "snowflake", "buttercup", "tangerine", "lighthouse"]


def password(rng, t):
    word = rng.choice(WORDS)
    if rng.random() < .5:
        return [(word, word.capitalize())]
    n = random_digits(rng, 2, "123456789")
    return [(f"{word} {two(int(n))}", f"{word.capitalize()}{n}")]


def answer(rng, t):
    word = rng.choice(["labrador", "Fluffy", "Silverstone", "blue", "Ford Fiesta", "spaghetti", "St Mary's Primary", "Biscuit"])
    return [(word.lower(), word)]


def health(rng, t):
    word = rng.choice(["type two diabetes", "asthma", "high blood pressure", "depression", "epilepsy", "migraines",
                       "breast cancer", "a hip replacement", "arthritis", "anxiety", "chemotherapy", "metformin",
                       "warfarin", "a miscarriage"])
    return [(word, word)]
