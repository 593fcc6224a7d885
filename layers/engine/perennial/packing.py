"""Documents as small as they can be stored: deflated, with a dictionary of the words that every one of them repeats.

A write costs what its item weighs, in whole kilobytes. Field names and the beginnings of instants are most of a
document, and they are the same in all of them: a customer with an order of 4.5 KB takes some 700 bytes this way, where
plain deflate takes 1,250. Packing takes a tenth of a millisecond.

What is packed begins with a mark that names the dictionary. A dictionary never changes, or what was written with it
could be read no more: a better one is a new entry with a new mark.
"""

import zlib

_FIELDS_1 = (
    b'"redirect":"rests_until":"once":["warranty-register"],"suppressed":{"heard":["complained_at":"clicke'
    b'd_at":"dead":'
    b'{"email:":"bounced","unsubscribed""recent":["devices":{"arn:aws:sns:":{"platform":"apns","registered_at":'
    b'"removed_at":"detracted":{"reborn_at":"erased_at":"time_zone":"Europe/Berlin","Europe/London","Ameri'
    b'ca/New_York",'
    b'"wording":"evidence":"link:","source":"preferences","one-click","double_opt_in","state":"withdrawn",'
    b'"text:feedback'
    b'"text:marketing"push:feedback"push:marketing"transactional:"cancelled":true,"epoch":1,"urgent","comp'
    b'any":"line2":'
    b'"region":"region_code":"CA","NY","state":"DE","AT","FR","NL","US","IE","email_missing":"absent","nul'
    b'l","phone":"+44'
    b'"phone":"+49"phone":"+1"number":"returns":{"requested_at":"approved_at":"received_at":"refunded_at":'
    b'"exchanged_at"'
    b'"wish":"reason":"note":"withdrawal":true,"reviews":{"stars":5,"text":"publish":true,"score":{"score"'
    b':10,"edits":{'
    b'"additions":[{"line_id":"delta":1}],"removals":[{"refunds":{"settled":true,"amount":"promised":["req'
    b"uires_shipping"
    b'":false,"gift_card":true,"product_type":"tags":["image_url":"https://cdn.shopify.com/s/files/1/.jpg"'
    b',"url":"https:'
    b'//www."status_url":"https:///orders//authenticate?key=","estimated_delivery":"shipping_method":"Stan'
    b'dard delivery"'
    b'"Express""Free shipping","cancel_reason":"customer","fulfilment_status":"fulfilled","partial","payment_status":'
    b'"pending","authorized","refunded","partially_refunded","voided","channel":"pos","draft","renewal","test":true,'
    b'"stopped":"order.cancelled","offers":{"made_at":"expires_at":"percent":10,"code":"days":7,"goods":["wishes":{'
    b'"until":"tries":1,"doubts":1,"released","skipped","expired","failed","unconfirmed","claimed"'
)
_TYPICAL_1 = (
    b'{"profile":{"store":"demo","customer":"","version":12,"commit":"","contact":{"email":"@gmail.com","c'
    b'ustomer_id":"'
    b'","first_name":"Anna","last_name":"Smith","locale":"en-GB"},"stamps":{"customer_id":"2026-06-01T12:0'
    b'0:00Z","email"'
    b':"2026-06-01T12:00:00Z","first_name":"2026-06-01T12:00:00Z","last_name":"2026-06-01T12:00:00Z","loca'
    b'le":"2026-06-'
    b'01T12:00:00Z","phone":"2026-06-01T12:00:00Z"},"consents":{"email:feedback":{"state":"given","at":"20'
    b"26-06-01T12:00"
    b':00Z","source":"checkout","evidence":""},"email:marketing":{"state":"given","at":"2026-06-01T12:00:0'
    b'0Z","source":"'
    b'checkout","evidence":""}},"latest_orders":[{"id":"","placed_at":"2026-06-01T12:00:00Z"}],"orders":1,'
    b'"aliases":["em'
    b'ail:@gmail.com","customer:"],"claims":{"":{"enrolment":"order-service:","key":"","nonce":"","at":"20'
    b"26-06-01T12:00"
    b':00Z","grace_until":"2026-06-01T12:15:00Z","channel":"email","class_":"transactional"},"class_":"fee'
    b'dback"},"class'
    b'_":"marketing"}},"wake":{"at":"2026-06-01T12:00:00Z","n":7,"lane":"urgent"},"wake":{"at":"2026-06-01'
    b'T12:00:00Z","n'
    b'":7,"flexible_minutes":15},"wakes":7},"orders":[{"known":{"id":"","number":"#1001","placed_at":"2026'
    b"-06-01T12:00:0"
    b'0Z","contact":{"email":"@gmail.com","customer_id":"","first_name":"Anna","last_name":"Smith","locale'
    b'":"en-GB"},"ac'
    b'cepts_marketing":true,"currency":"EUR","currency":"USD","currency":"GBP","total":"49.00","current_to'
    b'tal":"49.00","'
    b'shipping":"0.00","discount":"0.00","tax":"0.00","lines":[{"id":"","title":"","quantity":1,"current_q'
    b'uantity":1,"pr'
    b'ice":"49.00","variant":"","sku":"","product_id":"","vendor":""}],"shipping_address":{"name":"Anna Sm'
    b'ith","line1":"'
    b'","city":"","postcode":"","country":"GB"},"shipping_method":"Standard","payment_status":"paid","chan'
    b'nel":"web"},"s'
    b'tamps":{"accepts_marketing":"2026-06-01T12:00:00Z","cancel_reason":"2026-06-01T12:00:00Z","cancelled'
    b'_at":"2026-06-'
    b'01T12:00:00Z","channel":"2026-06-01T12:00:00Z","currency":"2026-06-01T12:00:00Z","current_total":"20'
    b"26-06-01T12:00"
    b':00Z","discount":"2026-06-01T12:00:00Z","fulfilment_status":"2026-06-01T12:00:00Z","lines":"2026-06-'
    b'01T12:00:00Z",'
    b'"number":"2026-06-01T12:00:00Z","payment_status":"2026-06-01T12:00:00Z","placed_at":"2026-06-01T12:0'
    b'0:00Z","shippi'
    b'ng":"2026-06-01T12:00:00Z","shipping_address":"2026-06-01T12:00:00Z","shipping_method":"2026-06-01T1'
    b'2:00:00Z","sta'
    b'tus_url":"2026-06-01T12:00:00Z","tags":"2026-06-01T12:00:00Z","tax":"2026-06-01T12:00:00Z","test":"2'
    b"026-06-01T12:0"
    b'0:00Z","total":"2026-06-01T12:00:00Z","contact.customer_id":"2026-06-01T12:00:00Z","contact.email":"'
    b"2026-06-01T12:"
    b'00:00Z","contact.email_missing":"2026-06-01T12:00:00Z","contact.first_name":"2026-06-01T12:00:00Z","'
    b"contact.last_n"
    b'ame":"2026-06-01T12:00:00Z","contact.locale":"2026-06-01T12:00:00Z","contact.phone":"2026-06-01T12:0'
    b'0:00Z"},"first'
    b's":{"placed":"2026-06-01T12:00:00Z","paid":"2026-06-01T12:00:00Z","repaid":"2026-06-01T12:00:00Z","c'
    b'ancelled":"202'
    b'6-06-01T12:00:00Z"},"parcels":{"":{"known":{"id":"","carrier":"DHL","carrier":"UPS","tracking":[{"nu'
    b'mber":"","url"'
    b':"https://"}],"lines":[{"line_id":"","quantity":1}]},"stamps":{"cancelled":"2026-06-01T12:00:00Z","c'
    b'arrier":"2026-'
    b'06-01T12:00:00Z","estimated_delivery":"2026-06-01T12:00:00Z","lines":"2026-06-01T12:00:00Z","trackin'
    b'g":"2026-06-01'
    b'T12:00:00Z"},"firsts":{"shipped":"2026-06-01T12:00:00Z","in_transit":"2026-06-01T12:00:00Z","out_for'
    b'_delivery":"20'
    b'26-06-01T12:00:00Z","attempt_failed":"2026-06-01T12:00:00Z","ready_for_pickup":"2026-06-01T12:00:00Z'
    b'","delivered":'
    b'"2026-06-01T12:00:00Z"}}},"sent":{"order-confirmation":"order-service/confirmation"},"entered":["del'
    b'ivery-score","'
    b'order-service","small-appliance-care"]}],"enrolments":[{"id":"delivery-score:","journey":"delivery-s'
    b'core","version'
    b'":"","order_id":"","entered_at":"2026-06-01T12:00:00Z"},{"id":"order-service:","journey":"order-serv'
    b'ice","version"'
    b':"","order_id":"","entered_at":"2026-06-01T12:00:00Z","touches":{"confirmation":{"state":"sent","at"'
    b':"2026-06-01T1'
    b'2:00:00Z"},"shipped/":{"state":"sent","at":"2026-06-01T12:00:00Z"},"out-for-delivery/":{"state":"sen'
    b't","at":"2026-'
    b'06-01T12:00:00Z"},"delivered/":{"state":"sent","at":"2026-06-01T12:00:00Z"},"review":{"state":"sent"'
    b',"at":"2026-06'
    b'-01T12:00:00Z"},"first-use":{"state":"claimed","at":"2026-06-01T12:00:00Z"}}}]}'
)
_DICTIONARIES = {1: _FIELDS_1 + _TYPICAL_1}
"""By mark. zlib looks back from its end, so what is most usual comes last."""

CURRENT = 1


def pack(document: str) -> bytes:
    """The same text in few bytes."""
    deflating = zlib.compressobj(level=9, memLevel=9, zdict=_DICTIONARIES[CURRENT])
    return bytes([CURRENT]) + deflating.compress(document.encode()) + deflating.flush()


def unpack(held: str | bytes) -> str:
    """The text of a document, packed or stored as it is. Raises zlib.error, and KeyError for an unknown mark."""
    if isinstance(held, str):
        return held
    inflating = zlib.decompressobj(zdict=_DICTIONARIES[held[0]])
    return (inflating.decompress(held[1:]) + inflating.flush()).decode()
