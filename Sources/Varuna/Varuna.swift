// Varuna
