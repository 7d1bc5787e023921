"""The figures of the lessons. Each returns a `View`: a picture, the numbers behind it, and in words what is to be
seen.
"""

from ecomkafka.lab.views.behind import lag_plot as lag_plot
from ecomkafka.lab.views.behind import sample_lags as sample_lags
from ecomkafka.lab.views.orders import timeline as timeline
from ecomkafka.lab.views.sales import windows_plot as windows_plot
from ecomkafka.lab.views.shelf import stock_plot as stock_plot
from ecomkafka.lab.views.sources import source as source
from ecomkafka.lab.views.spread import partition_plot as partition_plot
from ecomkafka.lab.views.swimlanes import side_by_side as side_by_side
from ecomkafka.lab.views.swimlanes import swimlane as swimlane
from ecomkafka.lab.views.view import View as View
