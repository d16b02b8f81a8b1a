"""The credit-record pipeline of a government department (信用)."""
