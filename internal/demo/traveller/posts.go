package traveller

// share is a weight of a nationality at a post. A pool other than the nationality's own is the diaspora: German
// passports with Kosovar names at Morina in August.
type share struct {
	code   string
	pool   string
	weight float64
}

// profile says who comes to a post and how. Weights need not add up to anything.
type profile struct {
	traffic  float64 // of all parties
	road     bool    // a vehicle that entered elsewhere can leave here
	way      [4]float64
	mix      []share
	lorries  []share
	albCards float64 // share of Albanians with an identity card: Kosovo admits it, the Schengen states ask for a passport
	rksCards float64
	local    string // nationality with local border permits
}

// way is how a party comes; the first is on foot, by ferry or by air.
type way uint8

const (
	onFoot way = iota
	byCar
	byLorry
	byBus
)

var profiles = map[string]profile{
	Kakavija: {
		traffic: 40, road: true, way: [4]float64{12, 70, 11, 7}, albCards: 0.02, rksCards: 0.1, local: "GRC",
		mix: []share{
			{"ALB", "", 58}, {"GRC", "", 19}, {"GRC", "ALB", 4}, {"RKS", "", 3}, {"ITA", "", 2}, {"D", "", 2.5}, {"D", "ALB", 0.5},
			{"MKD", "", 1}, {"BGR", "", 1.5}, {"ROU", "", 1.5}, {"POL", "", 1}, {"CZE", "", 0.8}, {"SRB", "", 0.6}, {"TUR", "", 1},
			{"FRA", "", 0.8}, {"GBR", "", 0.8}, {"NLD", "", 0.5}, {"AUT", "", 0.5}, {"UKR", "", 0.7}, {"ISR", "", 0.4}, {"USA", "", 0.5},
		},
		lorries: []share{{"ALB", "", 50}, {"GRC", "", 30}, {"MKD", "", 5}, {"BGR", "", 6}, {"TUR", "", 5}, {"ROU", "", 4}},
	},
	Durres: {
		traffic: 12, road: true, way: [4]float64{46, 42, 12, 0}, albCards: 0.02, rksCards: 0.1,
		mix: []share{
			{"ALB", "", 50}, {"ITA", "", 25}, {"ITA", "ALB", 6}, {"RKS", "", 6}, {"D", "", 2.5}, {"CHE", "", 1}, {"CHE", "RKS", 1.5},
			{"FRA", "", 1.5}, {"ESP", "", 1}, {"PRT", "", 0.3}, {"MKD", "", 2}, {"GBR", "", 0.7}, {"NLD", "", 0.6}, {"BEL", "", 0.5},
			{"AUT", "", 0.5}, {"CZE", "", 0.5}, {"UKR", "", 0.4},
		},
		lorries: []share{{"ALB", "", 58}, {"ITA", "", 22}, {"RKS", "", 8}, {"MKD", "", 7}, {"TUR", "", 5}},
	},
	Rinas: {
		traffic: 16, way: [4]float64{1, 0, 0, 0}, albCards: 0.01, rksCards: 0.1,
		mix: []share{
			{"ALB", "", 44}, {"ITA", "", 12}, {"ITA", "ALB", 2}, {"GBR", "", 6}, {"GBR", "ALB", 1}, {"D", "", 5}, {"D", "ALB", 1},
			{"POL", "", 6}, {"RKS", "", 4}, {"USA", "", 2.5}, {"USA", "ALB", 1}, {"CZE", "", 1.5}, {"SVK", "", 0.6}, {"FRA", "", 2},
			{"TUR", "", 2}, {"GRC", "", 1.5}, {"AUT", "", 1.5}, {"CHE", "", 1}, {"BEL", "", 1}, {"NLD", "", 1.2}, {"HUN", "", 1.5},
			{"ESP", "", 1.5}, {"PRT", "", 0.4}, {"IRL", "", 0.6}, {"NOR", "", 0.8}, {"DNK", "", 0.6}, {"ROU", "", 0.8}, {"UKR", "", 0.8},
			{"ISR", "", 1.2}, {"CAN", "", 0.5}, {"AUS", "", 0.4}, {"CHN", "", 0.7}, {"IND", "", 0.6}, {"PHL", "", 0.6}, {"NPL", "", 0.4},
			{"RUS", "", 0.3}, {"MDA", "", 0.3}, {"BIH", "", 0.4}, {"SRB", "", 0.4}, {"HRV", "", 0.4}, {"SVN", "", 0.3},
		},
	},
	Morina: {
		traffic: 32, road: true, way: [4]float64{5, 80, 8, 7}, albCards: 0.65, rksCards: 0.75, local: "RKS",
		mix: []share{
			{"RKS", "", 62}, {"ALB", "", 23}, {"D", "", 1.5}, {"D", "RKS", 3}, {"CHE", "", 0.5}, {"CHE", "RKS", 2.5}, {"AUT", "RKS", 1},
			{"MKD", "", 1.5}, {"MKD", "ALB", 0.7}, {"SRB", "", 0.8}, {"MNE", "", 0.6}, {"TUR", "", 0.7}, {"POL", "", 0.5}, {"CZE", "", 0.4},
			{"USA", "RKS", 0.4}, {"GBR", "", 0.3}, {"SVN", "", 0.3}, {"HRV", "", 0.3},
		},
		lorries: []share{{"RKS", "", 50}, {"ALB", "", 32}, {"MKD", "", 7}, {"TUR", "", 6}, {"SRB", "", 5}},
	},
}
