// Circuit
