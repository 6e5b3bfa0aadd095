-- Can I trust this file: how fresh is it, what was checked, what are its limits?
from about
