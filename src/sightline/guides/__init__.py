"""Guides for people, written from the definitions whenever they are asked for, so that they are never out of date."""
