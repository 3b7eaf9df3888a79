"""Document → ibis: facts as known, classes, signatures, lanes, totals, ratings. Nothing here belongs to one engine.

In the order of a run, what the short names of its columns say; ``n`` is a number that the plan gives, a *reader* is one match of activities
that rules share, a *slot* what is bounded together before it counts, a *bucket* a group of slots with one cap.

=======================  ============================================================================================  ====================
column                   what it holds                                                                                 made in
=======================  ============================================================================================  ====================
``f_<field>``, ``a_…``   a field of the lead, of its account, as known                                                 ``known``
``p_<property>``         a property of an activity                                                                     ``facts``
``k_<n>``, ``c_<name>``  of an activity, the key its signature is found by: texts, and classes of numbers              ``layout``
``m_<n>``                a lane: an amount that each activity of a signature adds to one sum                           ``lanes``
``r_<reader>``, ``e_…``  1 where a reader matches an activity; where its window is to be watched                       ``lanes``
``s_<slot>``, ``o_…``    what activities give a slot, added up; those whose contributions compete first [millipoints]  ``measured``
``n_<reader>``           how many activities a reader matches; ``d_`` on how many days; ``l_`` when the latest was     ``measured``
``f_<reader>``           the same count, each activity fading [thousandths]; fields are classes by then                ``measured``
``c_<n>``, ``on_<n>``    of a lead, the class that an input's value is of; whether it is on a list                     ``people``
``t_<slot>``             a slot before its cap; ``p_<bucket>_<n>`` what straight slots give a bucket together          ``totals``
``b_<bucket>``, ``g_…``  a bucket before its cap, and after it                                                         ``totals``
``raw_``, ``floored_``,  an axis as added up, after its floor, and after its cap: the score [millipoints]              ``totals``
``score_<axis>``
``q_…``, ``w_…``,        for the next change: how many roundings, what is left to fade, when a window is left,         ``clock``
``x_<window>``, ``y_…``  when a date passes an age
=======================  ============================================================================================  ====================
"""

from vaglio.plan.build import Plan, Wanted, build
from vaglio.plan.facts import Facts, Instants

__all__ = ["Facts", "Instants", "Plan", "Wanted", "build"]
