package main

import "time"

// brasilia is the zone of the legal time. A machine without zone data is right
// for everything since 2019, when Brazil ended its daylight saving.
func brasilia() *time.Location {
	if zone, err := time.LoadLocation("America/Sao_Paulo"); err == nil {
		return zone
	}
	return time.FixedZone("-03", -3*60*60)
}

// hour is a moment as people here read it, with its zone; "" when there is none.
func hour(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(brasilia()).Format("02/01/2006 15:04:05 (-07:00, hora de Brasília)")
}
