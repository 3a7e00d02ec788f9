package lists

import (
	"strings"

	"tims/internal/mrz"
)

// state finds the code of a zone for a state that a list names by code of two or three letters or by an English name.
func state(s string) (code string, ok bool) {
	s = strings.TrimSpace(s)
	switch up := strings.ToUpper(s); {
	case len(up) == 2:
		if code, ok := shortCodes[up]; ok {
			return code, true
		}
	case up == "DEU":
		return "D", true
	case len(up) == 3 || up == "D":
		if _, ok := mrz.StateName(up); ok {
			return up, true
		}
	}
	return mrz.StateByName(s)
}

// addState notes a state, or the fault that it is not known. "unknown" and the like are no states and no faults.
func addState(to []string, s string, fault func()) []string {
	s = strings.TrimSpace(s)
	switch strings.ToLower(s) {
	case "", "00", "zz", "xx", "unknown", "n/a", "na", "none", "not available", "undetermined":
		return to
	}
	code, ok := state(s)
	if !ok {
		fault()
		return to
	}
	return addNew(to, code)
}

var shortCodes = func() map[string]string {
	m := map[string]string{"XK": "RKS", "XKX": "RKS", "UK": "GBR", "EL": "GRC", "DE": "D"}
	for _, w := range strings.Fields(iso3166) {
		if _, ok := m[w[:2]]; !ok {
			m[w[:2]] = w[2:]
		}
	}
	return m
}()

// iso3166 holds the codes of two letters, each before its code of three letters (ISO 3166-1).
const iso3166 = `
ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW AXALA AZAZE BABIH BBBRB
BDBGD BEBEL BFBFA BGBGR BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS BTBTN BVBVT BWBWA BYBLR
BZBLZ CACAN CCCCK CDCOD CFCAF CGCOG CHCHE CICIV CKCOK CLCHL CMCMR CNCHN COCOL CRCRI CUCUB CVCPV CWCUW CXCXR
CYCYP CZCZE DEDEU DJDJI DKDNK DMDMA DODOM DZDZA ECECU EEEST EGEGY EHESH ERERI ESESP ETETH FIFIN FJFJI FKFLK
FMFSM FOFRO FRFRA GAGAB GBGBR GDGRD GEGEO GFGUF GGGGY GHGHA GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ GRGRC GSSGS
GTGTM GUGUM GWGNB GYGUY HKHKG HMHMD HNHND HRHRV HTHTI HUHUN IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN
ISISL ITITA JEJEY JMJAM JOJOR JPJPN KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA KPPRK KRKOR KWKWT KYCYM KZKAZ LALAO
LBLBN LCLCA LILIE LKLKA LRLBR LSLSO LTLTU LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD
MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR MTMLT MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM NCNCL NENER
NFNFK NGNGA NINIC NLNLD NONOR NPNPL NRNRU NUNIU NZNZL OMOMN PAPAN PEPER PFPYF PGPNG PHPHL PKPAK PLPOL PMSPM
PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT REREU ROROU RSSRB RURUS RWRWA SASAU SBSLB SCSYC SDSDN SESWE SGSGP
SHSHN SISVN SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD STSTP SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF
TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN TOTON TRTUR TTTTO TVTUV TWTWN TZTZA UAUKR UGUGA UMUMI USUSA UYURY
UZUZB VAVAT VCVCT VEVEN VGVGB VIVIR VNVNM VUVUT WFWLF WSWSM YEYEM YTMYT ZAZAF ZMZMB ZWZWE
`
