"""Which time zone a place is in: the cities that zones are named after, and some more places.

The IANA database names some four hundred cities. What it does not name is in the table below:
countries with one zone, or where nearly everybody lives in one; large cities and capitals. For
countries with several zones it is the capital's, and the capital is named in the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

_MORE = {
    "Africa/Algiers": "algeria",
    "Africa/Cairo": "egypt,alexandria",
    "Africa/Casablanca": "morocco,rabat,marrakesh,marrakech",
    "Africa/Johannesburg": "south africa,cape town,pretoria,durban",
    "Africa/Lagos": "nigeria,abuja",
    "Africa/Nairobi": "kenya",
    "Africa/Accra": "ghana",
    "Africa/Addis_Ababa": "ethiopia",
    "Africa/Tunis": "tunisia",
    "America/Argentina/Buenos_Aires": "argentina",
    "America/Bogota": "colombia",
    "America/Caracas": "venezuela",
    "America/Chicago": "houston,dallas,austin,san antonio,texas,new orleans,minneapolis,memphis,"
    "nashville,st louis,milwaukee,kansas city",
    "America/Denver": "salt lake city,colorado,albuquerque,santa fe",
    "America/Edmonton": "calgary",
    "America/Havana": "cuba",
    "America/Lima": "peru",
    "America/Los_Angeles": "san francisco,seattle,california,san diego,las vegas,portland,la,"
    "silicon valley,hollywood,sacramento,oakland,san jose",
    "America/Montevideo": "uruguay",
    "America/New_York": "new york city,nyc,boston,washington,washington dc,miami,philadelphia,"
    "atlanta,florida,orlando,baltimore,pittsburgh,cleveland,brooklyn,manhattan",
    "America/Phoenix": "arizona,tucson",
    "America/Santiago": "chile",
    "America/Toronto": "montreal,ottawa,quebec",
    "America/Vancouver": "victoria bc",
    "Asia/Bangkok": "thailand",
    "Asia/Dhaka": "bangladesh",
    "Asia/Dubai": "united arab emirates,uae,abu dhabi",
    "Asia/Ho_Chi_Minh": "vietnam,hanoi,saigon",
    "Asia/Hong_Kong": "hongkong",
    "Asia/Jakarta": "java",
    "Asia/Jerusalem": "israel,tel aviv,haifa",
    "Asia/Karachi": "pakistan,islamabad,lahore",
    "Asia/Kathmandu": "nepal",
    "Asia/Kolkata": "india,mumbai,bombay,delhi,new delhi,bangalore,bengaluru,chennai,hyderabad,"
    "calcutta,goa",
    "Asia/Kuala_Lumpur": "malaysia",
    "Asia/Manila": "philippines,the philippines",
    "Asia/Riyadh": "saudi arabia,mecca,jeddah",
    "Asia/Seoul": "south korea,korea,busan",
    "Asia/Shanghai": "china,beijing,peking,shenzhen,guangzhou,wuhan",
    "Asia/Singapore": "singapore",
    "Asia/Taipei": "taiwan",
    "Asia/Tehran": "iran",
    "Asia/Tokyo": "japan,osaka,kyoto,yokohama,sapporo,hiroshima,nagoya",
    "Atlantic/Canary": "canary islands,tenerife,gran canaria,lanzarote",
    "Atlantic/Reykjavik": "iceland",
    "Australia/Brisbane": "queensland,gold coast,cairns",
    "Australia/Sydney": "new south wales",
    "Europe/Amsterdam": "netherlands,the netherlands,holland,rotterdam,the hague,utrecht",
    "Europe/Athens": "greece,crete,thessaloniki",
    "Europe/Belgrade": "serbia",
    "Europe/Berlin": "germany,hamburg,munich,cologne,frankfurt,stuttgart,leipzig,dresden,bremen,"
    "dusseldorf,düsseldorf,hanover,nuremberg,münchen,köln",
    "Europe/Brussels": "belgium,antwerp,ghent,bruges",
    "Europe/Bucharest": "romania",
    "Europe/Budapest": "hungary",
    "Europe/Copenhagen": "denmark,aarhus",
    "Europe/Dublin": "ireland,cork,galway",
    "Europe/Helsinki": "finland",
    "Europe/Istanbul": "turkey,ankara,izmir",
    "Europe/Kyiv": "ukraine,kiev,kyiv,odesa,lviv",
    "Europe/Lisbon": "portugal,porto",
    "Europe/London": "united kingdom,the uk,uk,great britain,britain,england,scotland,wales,"
    "manchester,liverpool,birmingham,edinburgh,glasgow,cardiff,leeds,bristol,oxford,cambridge",
    "Europe/Luxembourg": "luxembourg",
    "Europe/Madrid": "spain,barcelona,seville,valencia,malaga,bilbao,mallorca,majorca,ibiza",
    "Europe/Oslo": "norway,bergen,trondheim",
    "Europe/Paris": "france,marseille,lyon,nice,bordeaux,toulouse,strasbourg,lille",
    "Europe/Prague": "czech republic,the czech republic,czechia,brno",
    "Europe/Riga": "latvia",
    "Europe/Rome": "italy,milan,naples,venice,florence,turin,sicily,bologna",
    "Europe/Sofia": "bulgaria",
    "Europe/Stockholm": "sweden,gothenburg,malmö,malmo",
    "Europe/Tallinn": "estonia",
    "Europe/Vienna": "austria,salzburg,graz,innsbruck",
    "Europe/Vilnius": "lithuania",
    "Europe/Warsaw": "poland,krakow,kraków,gdansk,wroclaw",
    "Europe/Zagreb": "croatia,split,dubrovnik",
    "Europe/Zurich": "switzerland,geneva,basel,bern,lausanne,zürich",
    "Pacific/Auckland": "new zealand,wellington,christchurch",
    "Pacific/Fiji": "fiji",
    "Pacific/Honolulu": "hawaii",
    "UTC": "utc,gmt,greenwich,coordinated universal time,zulu",
}
_BY_CAPITAL = {
    "America/New_York": ("Washington", "united states,the united states,usa,the usa,us,america"),
    "America/Toronto": ("Ottawa", "canada"),
    "America/Sao_Paulo": ("Brasília", "brazil"),
    "America/Mexico_City": ("Mexico City", "mexico"),
    "Europe/Moscow": ("Moscow", "russia"),
    "Australia/Sydney": ("Canberra", "australia"),
    "Asia/Jakarta": ("Jakarta", "indonesia"),
    "Asia/Almaty": ("Astana", "kazakhstan"),
}
_ABBREVIATIONS = frozenset({"uk", "us", "usa", "uae", "nyc", "la", "utc", "gmt", "dc", "bc"})
_SMALL = frozenset({"the", "of"})


@dataclass(frozen=True)
class ZonedPlace:
    """A place and its time zone."""

    name: str
    """As it is said back."""

    zone: ZoneInfo


def known_zone(text: str) -> ZonedPlace | None:
    """The time zone of a place that the tables know."""
    key = _key(text)
    capital = _capitals().get(key)
    if capital:
        zone, city = capital
        return ZonedPlace(city, ZoneInfo(zone))
    zone_name = _zones().get(key) or _zones().get(key.split(",")[0].strip())
    return ZonedPlace(_title(text), ZoneInfo(zone_name)) if zone_name else None


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    # Aliases such as "Asia/Calcutta" name places just as well; sorted, so that the choice between
    # "America/Indiana/Knox" and "America/Knox_IN" is the same everywhere.
    named = sorted(zone for zone in available_timezones() if "/" in zone and "Etc" not in zone)
    known = {_key(zone.rsplit("/", 1)[1].replace("_", " ")): zone for zone in reversed(named)}
    more = {place: zone for zone, places in _MORE.items() for place in places.split(",")}
    return {**known, **more}


@lru_cache(maxsize=1)
def _capitals() -> dict[str, tuple[str, str]]:
    return {
        country: (zone, city)
        for zone, (city, countries) in _BY_CAPITAL.items()
        for country in countries.split(",")
    }


def _key(text: str) -> str:
    words = text.casefold().replace(".", "").replace("-", " ").split()
    return " ".join(words)


def _title(text: str) -> str:
    words = [
        w.upper()
        if w.casefold() in _ABBREVIATIONS
        else w.casefold()
        if w.casefold() in _SMALL
        else w[:1].upper() + w[1:]
        for w in text.split()
    ]
    return " ".join(words)
