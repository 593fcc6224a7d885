"""Which clocks a region knows, for countries whose regions do not all keep the same time.

Rows are `(zones, region codes)`. Codes are ISO 3166-2 without the country, and beside them what Shopify and WooCommerce
write instead (Mexico, New Zealand, Tibet, the US armed forces). A split region names every zone of its own. Main zones
come first: in a row, and the country's own in its first row.

Sources: the comments of tzdata's zone.tab; compared with the towns of GeoNames, which adds small corners (Phenix City
in Alabama keeps Georgia's time, West Wendover in Nevada Utah's, Creighton in Saskatchewan Manitoba's, the Magdalen
Islands of Quebec Halifax's; for two provinces of Mongolia it disagrees with tzdata, so both are listed). Countries that
are missing here keep one time, or have no region codes (French Polynesia): their addresses mean all of their zones.
"""

from collections.abc import Mapping

REGIONS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "AU": (
        ("Australia/Sydney Australia/Broken_Hill Australia/Lord_Howe", "NSW"),
        ("Australia/Sydney", "ACT"),
        ("Australia/Melbourne", "VIC"),
        ("Australia/Brisbane Australia/Lindeman", "QLD"),
        ("Australia/Perth Australia/Eucla", "WA"),
        ("Australia/Adelaide", "SA"),
        ("Australia/Hobart Antarctica/Macquarie", "TAS"),
        ("Australia/Darwin", "NT"),
    ),
    "BR": (
        ("America/Sao_Paulo", "SP RJ MG ES PR SC RS DF GO"),
        ("America/Bahia", "BA"),
        ("America/Recife America/Noronha", "PE"),
        ("America/Fortaleza", "CE MA PB PI RN"),
        ("America/Maceio", "AL SE"),
        ("America/Belem America/Santarem", "PA"),
        ("America/Belem", "AP"),
        ("America/Araguaina", "TO"),
        ("America/Campo_Grande", "MS"),
        ("America/Cuiaba", "MT"),
        ("America/Manaus America/Eirunepe", "AM"),
        ("America/Porto_Velho", "RO"),
        ("America/Boa_Vista", "RR"),
        ("America/Rio_Branco", "AC"),
    ),
    "CA": (
        ("America/Toronto America/Winnipeg America/Atikokan", "ON"),
        ("America/Toronto America/Halifax America/Blanc-Sablon", "QC"),
        ("America/Vancouver America/Edmonton America/Creston America/Dawson_Creek America/Fort_Nelson", "BC"),
        ("America/Edmonton", "AB"),
        ("America/Winnipeg", "MB"),
        ("America/Regina America/Swift_Current America/Edmonton America/Winnipeg", "SK"),
        ("America/Halifax America/Glace_Bay", "NS"),
        ("America/Moncton", "NB"),
        ("America/St_Johns America/Goose_Bay", "NL"),
        ("America/Halifax", "PE"),
        ("America/Edmonton America/Inuvik", "NT"),
        ("America/Whitehorse America/Dawson", "YT"),
        ("America/Iqaluit America/Rankin_Inlet America/Resolute America/Cambridge_Bay America/Atikokan", "NU"),
    ),
    "CD": (
        ("Africa/Kinshasa", "KN BC EQ KG KL MN MO NU SU TU"),
        ("Africa/Lubumbashi", "HK BU HL HU IT KC KE KS LO LU MA NK SA SK TA TO"),
    ),
    "CL": (
        ("America/Santiago", "RM AN AP AR AT BI CO LI LL LR ML NB TA"),
        ("America/Santiago Pacific/Easter", "VS"),
        ("America/Coyhaique", "AI"),
        ("America/Punta_Arenas", "MA"),
    ),
    "CN": (
        (
            "Asia/Shanghai",
            "BJ SH GD AH CQ FJ GS GX GZ HA HB HE HI HL HN JL JS JX LN NM NX QH SC SD SN SX TJ YN ZJ XZ YZ",
        ),
        ("Asia/Shanghai Asia/Urumqi", "XJ"),
    ),
    "EC": (
        ("America/Guayaquil", "G A B C D E F H I L M N O P R S SD SE T U X Y Z"),
        ("Pacific/Galapagos", "W"),
    ),
    "ES": (
        ("Europe/Madrid", "M A AB AL AV B BA BI BU C CA CC CO CR CS CU GI GR GU H HU J L LE LO LU MA MU NA O OR P"),
        ("Europe/Madrid", "PM PO S SA SE SG SO SS T TE TO V VA VI Z ZA"),
        ("Europe/Madrid", "AN AR AS CB CL CM CT EX GA IB MC MD NC PV RI VC"),
        ("Africa/Ceuta", "CE ML"),
        ("Atlantic/Canary", "CN GC TF"),
    ),
    "FM": (
        ("Pacific/Chuuk", "TRK YAP"),
        ("Pacific/Pohnpei", "PNI"),
        ("Pacific/Kosrae", "KSA"),
    ),
    "GL": (
        ("America/Nuuk", "QE QT KU"),
        ("America/Nuuk America/Scoresbysund", "SM"),
        ("America/Nuuk America/Thule", "AV"),
    ),
    "ID": (
        ("Asia/Jakarta", "JK JB JT JI YO BT AC BB BE JA KR LA RI SB SS SU"),
        ("Asia/Pontianak", "KB KT"),
        ("Asia/Makassar", "BA NB NT KI KS KU GO SA SG SN SR ST"),
        ("Asia/Jayapura", "MA MU PA PB PD PE PS PT"),
    ),
    "KI": (
        ("Pacific/Tarawa", "G"),
        ("Pacific/Kanton", "P"),
        ("Pacific/Kiritimati", "L"),
    ),
    "KZ": (
        ("Asia/Almaty", "75 71 79 10 11 19 31 33 35 55 59 61 62 63"),
        ("Asia/Qyzylorda", "43"),
        ("Asia/Qostanay", "39"),
        ("Asia/Aqtobe", "15"),
        ("Asia/Aqtau", "47"),
        ("Asia/Atyrau", "23"),
        ("Asia/Oral", "27"),
    ),
    "MN": (
        ("Asia/Ulaanbaatar", "1 035 037 039 041 047 049 051 053 055 059 061 063 064 067 069 073"),
        ("Asia/Hovd", "043 046 071"),
        ("Asia/Ulaanbaatar Asia/Hovd", "057 065"),
    ),
    "MX": (
        ("America/Mexico_City", "CMX DF MEX AGU AGS CHP CHIS COL GRO GUA GTO HID HGO JAL MIC MICH MOR OAX PUE QUE QRO"),
        ("America/Mexico_City", "SLP TAB TLA TLAX VER ZAC CDMX MX AG CS CL GR GT HG JA MI MO OA PU QT SL TB TL VE ZA"),
        ("America/Merida", "CAM CAMP CM YUC YU"),
        ("America/Cancun", "ROO QROO QR"),
        ("America/Monterrey", "DUR DGO DG"),
        ("America/Monterrey America/Matamoros", "COA COAH CO NLE NL TAM TAMPS TM"),
        ("America/Chihuahua America/Ciudad_Juarez America/Ojinaga", "CHH CHIH CH"),
        ("America/Mazatlan", "BCS BS SIN SI"),
        ("America/Mazatlan America/Bahia_Banderas", "NAY NA"),
        ("America/Hermosillo", "SON SO"),
        ("America/Tijuana", "BCN BC"),
    ),
    "NZ": (
        ("Pacific/Auckland", "AUK BOP CAN GIS HKB MBH MWT NSN NTL OTA STL TAS TKI WGN WKO WTC"),
        ("Pacific/Auckland", "AK BP CT GI HB MB MW NL NS OT SL TK TM WA WC WE"),
        ("Pacific/Chatham", "CIT"),
    ),
    "PG": (
        ("Pacific/Port_Moresby", "NCD CPK CPM EBR EHG EPW ESW GPK HLA JWK MBA MPL MPM MRL NIK NPP SAN SHM WBK WHM WPD"),
        ("Pacific/Bougainville", "NSB"),
    ),
    "PT": (
        ("Europe/Lisbon", "11 01 02 03 04 05 06 07 08 09 10 12 13 14 15 16 17 18"),
        ("Atlantic/Azores", "20"),
        ("Atlantic/Madeira", "30"),
    ),
    "RU": (
        (
            "Europe/Moscow",
            "MOW MOS SPE LEN AD ARK BEL BRY CE CU DA IN IVA KB KC KDA KL KLU KO KOS KR KRS LIP ME MO MUR",
        ),
        ("Europe/Moscow", "NEN NGR NIZ ORL PNZ PSK ROS RYA SE SMO STA TA TAM TUL TVE VLA VLG VOR YAR"),
        ("Europe/Kaliningrad", "KGD"),
        ("Europe/Kirov", "KIR"),
        ("Europe/Volgograd", "VGG"),
        ("Europe/Astrakhan", "AST"),
        ("Europe/Saratov", "SAR"),
        ("Europe/Ulyanovsk", "ULY"),
        ("Europe/Samara", "SAM UD"),
        ("Asia/Yekaterinburg", "SVE BA CHE KGN KHM ORE PER TYU YAN"),
        ("Asia/Omsk", "OMS"),
        ("Asia/Novosibirsk", "NVS"),
        ("Asia/Barnaul", "ALT AL"),
        ("Asia/Tomsk", "TOM"),
        ("Asia/Novokuznetsk", "KEM"),
        ("Asia/Krasnoyarsk", "KYA KK TY"),
        ("Asia/Irkutsk", "IRK BU"),
        ("Asia/Chita", "ZAB"),
        ("Asia/Yakutsk", "AMU"),
        ("Asia/Yakutsk Asia/Khandyga Asia/Vladivostok Asia/Ust-Nera Asia/Srednekolymsk", "SA"),
        ("Asia/Vladivostok", "PRI KHA YEV"),
        ("Asia/Magadan", "MAG"),
        ("Asia/Sakhalin Asia/Srednekolymsk", "SAK"),
        ("Asia/Kamchatka", "KAM"),
        ("Asia/Anadyr", "CHU"),
    ),
    "UA": (
        ("Europe/Kyiv", "30 05 07 09 12 14 18 21 23 26 32 35 46 48 51 53 56 59 61 63 65 68 71 74 77"),
        ("Europe/Simferopol", "40 43"),
    ),
    "US": (
        ("America/New_York", "NY CT DC DE GA MA MD ME NC NH NJ OH PA RI SC VA VT WV"),
        ("America/New_York America/Chicago", "FL"),
        (
            "America/Indiana/Indianapolis America/Indiana/Vincennes America/Indiana/Winamac America/Indiana/Marengo "
            "America/Indiana/Petersburg America/Indiana/Vevay America/Indiana/Tell_City America/Indiana/Knox "
            "America/New_York America/Kentucky/Louisville America/Chicago",
            "IN",
        ),
        ("America/New_York America/Kentucky/Louisville America/Kentucky/Monticello America/Chicago", "KY"),
        ("America/Detroit America/Menominee", "MI"),
        ("America/Chicago", "AR IA IL LA MN MO MS OK WI"),
        ("America/Chicago America/New_York", "AL TN"),
        ("America/Chicago America/Denver", "KS NE SD TX"),
        (
            "America/Chicago America/Denver America/North_Dakota/Center America/North_Dakota/New_Salem "
            "America/North_Dakota/Beulah",
            "ND",
        ),
        ("America/Denver", "CO MT NM UT WY"),
        ("America/Phoenix America/Denver", "AZ"),
        ("America/Boise America/Los_Angeles", "ID"),
        ("America/Los_Angeles", "CA WA"),
        ("America/Los_Angeles America/Denver", "NV"),
        ("America/Los_Angeles America/Boise", "OR"),
        (
            "America/Anchorage America/Juneau America/Sitka America/Metlakatla America/Yakutat America/Nome "
            "America/Adak",
            "AK",
        ),
        ("Pacific/Honolulu", "HI"),
        # What the US post serves abroad: countries of their own for ISO 3166-1, states for shops.
        ("America/Puerto_Rico", "PR"),
        ("America/St_Thomas", "VI"),
        ("Pacific/Pago_Pago", "AS"),
        ("Pacific/Guam", "GU"),
        ("Pacific/Saipan", "MP"),
        ("Pacific/Palau", "PW"),
        ("Pacific/Majuro Pacific/Kwajalein", "MH"),
        ("Pacific/Chuuk Pacific/Pohnpei Pacific/Kosrae", "FM"),
        # Forces' post, by the span of its bases: Florida and the Americas; Europe to the Gulf; Japan and the Pacific.
        ("America/New_York America/Havana America/Tegucigalpa America/Bogota", "AA"),
        ("Europe/Berlin Europe/London Europe/Istanbul Africa/Djibouti Asia/Riyadh Asia/Dubai", "AE"),
        ("Asia/Tokyo Asia/Singapore Indian/Chagos Australia/Darwin Pacific/Guam", "AP"),
    ),
}


def zones_of_region(country: str, region: str) -> tuple[str, ...]:
    """Names of the zones in use there, the main one first; empty where the table does not know the region.

    Takes a bare code or one with its country, in any case: `CA`, `us-ca`, `UA05`, `Q ROO`.
    """
    code = "".join(filter(str.isalnum, region)).upper()
    for zones, codes in REGIONS.get(country, ()):
        if not {code, code.removeprefix(country)}.isdisjoint(codes.split()):
            return tuple(zones.split())
    return ()


def main_zone(country: str) -> str | None:
    """The zone most people of the country live by, where this table has regions of it."""
    return REGIONS[country][0][0].split()[0] if country in REGIONS else None
