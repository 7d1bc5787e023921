"""What can go wrong, on demand: crashes, network, mail, payment, data, disk.

Processes are killed and frozen by `operations/service_process.py`, brokers by `broker/node.py`. Connections are cut by
`faults/network_proxy.py`, requests and acknowledgements lost in `faults/lossy_connection.py`. Bad records come from
`faults/bad_records.py`.
"""

from ecomkafka.faults.crash_points import POINTS as POINTS
from ecomkafka.faults.crash_points import CrashAt as CrashAt
from ecomkafka.faults.crash_points import crash as crash
from ecomkafka.faults.outside import ForgetfulGateway as ForgetfulGateway
from ecomkafka.faults.outside import disk_full as disk_full
from ecomkafka.faults.outside import mail_down as mail_down
from ecomkafka.faults.outside import mail_refuses as mail_refuses
from ecomkafka.faults.outside import mail_slow as mail_slow
from ecomkafka.faults.outside import payment_forgets as payment_forgets
from ecomkafka.faults.outside import payment_slow as payment_slow
from ecomkafka.faults.outside import sql_gone as sql_gone
