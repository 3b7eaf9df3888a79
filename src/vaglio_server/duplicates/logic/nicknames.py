"""First names and what people are called instead: those of one line may be one person's."""

from collections.abc import Callable

# A short form may stand in several lines.
_LINES = """
alessandro ale sandro alex|alessandra ale sandra alex|alexandru alex sandu alexe|alexandra alexa alex sandra ale
alexander alex sascha sandro xander|alexandre alex|alejandro alex ale jandro|alexis alex|andrea andi andy|andreas andi andy
andrew andy drew|andrei andi|andreea deea andra|anthony tony toni|antonio toni tony nino tonio|antonia toni|antoine tony
barbara babs barb barbie|bartolomeo meo bartolo|beatrice bea bice|beatriz bea|benedetta bene|benjamin ben benny|bernardo berni
bernhard bernd|bogdan bogdi|carlo carletto|carmen carmela|carolina caro|caroline caro carol|caterina cate rina katia
catherine cathy kate cat kathy|katherine kate kathy katie kat|katharina kathi katja kati käthe kata|kathrin kati|catalin cata
charles charlie chuck|christian chris chri|christina chris tina christa|christine chris tina|christopher chris kit|christophe chris
cristian cristi cris|cristina cris cristi|constantin costel costi costin titi|daniel dan dani danny|daniela dani dana|daniele dani lele
david dave davy|deborah deb debbie|domenico mimmo nico domi|dimitrie mitica|dumitru mitica mitru dimitri|edoardo edo
edward ed eddie ted ned|eduard edi edu|eduardo edu|eleonora nora ele leo|elena ele lena nena|elisabetta betta elisa lisa betti
elisabeth lisa lisbeth betty sissi elli|elizabeth liz beth betty lizzie eliza lisa libby|emanuele lele manu|emanuel manu|emanuela manu
enrico chicco rico|ernesto tino|federica fede|federico fede rico|filippo pippo fili|florin flo florinel|florian flo flori|frank frankie
francesca franci franca kekka|francesco franco checco ciccio fra|francisco paco fran pancho curro|franziska franzi sissi|francois fanfan
frederic fred|frederick fred freddy|friedrich fritz fred|gabriel gabi gabe|gabriela gabi|gabriele lele gabri gabi|gabriella gabri lella
george gigi geo|gheorghe george gigi gicu|giacomo jack mino|gianluca luca gian|giovanni gianni nino vanni gio|giovanna vanna gio
giorgio gio|giuliano giulio|giuseppe beppe pino peppe peppino gius|giuseppina pina giusy|gregorio greg|gregory greg|guglielmo memmo
guillaume gui guigui|guillermo guille memo|gunther gunni|hans hannes|heinrich heinz heini|hubert bertl|ignacio nacho|ioana oana ionela
ion ionel nelu|ionut ionutz|isabella isa bella|isabel isa chabela|isabelle isa|jacob jake jakob|jacqueline jackie|james jim jimmy jamie
javier javi|jean jeannot|jeffrey jeff|jennifer jen jenny jenn|jessica jess jessie|jesus chus chuy|joachim achim jochen|johann hans
johannes hannes jo hans|john jack johnny jon|jonathan jon johnny jonny|jorge jordi|jose pepe|josef sepp jupp|joseph joe jo joey
joshua josh|juan juanjo juani|julian juli jules|kenneth ken kenny|kimberly kim|klaus claus|konstantin kosta|kristian kris
kristoffer kris|larry lawrence|laurent lolo|leonardo leo nardo|lorenzo renzo lollo|lucian luci|ludovico ludo vico|luigi gigi gino
luis lucho|manuel manolo manu|marcello lello|margherita rita marghe|margaret maggie meg peggy|margarethe grete gretel|maria mari mary
mariana mari|martin marty tino|martina tina|massimiliano max massi|massimo max massi|matteo teo|matthew matt|matthias matze matti hias
mathieu mat|mauricio mau|maurizio mauri|maximilian max maxi|mercedes merche|michael mike mick michi michel mickey|michel mich
michele miki mike|michelle shelly|miguel migue|mihai misu mihaita|mihaela miki miha ela|mirela mire|monica moni|nicholas nick nicky
nicola nico|nicolae nicu nae|nicolas nico|nicole nici niki|nikolaus klaus niko|octavian tavi|oliver olli ollie|pamela pam|paolo paolino
pasquale lino|patricia pat patty trish patri|patrick pat paddy|peter pete|philip phil|philipp phil flipp|philippe phil|pierre pierrot
pietro piero|radu raducu|rebecca becky reb|renate reni|riccardo richi ricky|richard rich rick dick ricky
robert rob bob bobby robbie bert robi|roberta robi|roberto robi berto|ronald ron ronnie|rosa rosi rosina|ruxandra ruxi
salvatore toto turi salvo tore|samantha sam|samuel sam sammy|sandra sandy|santiago santi|sebastian basti seb seba|sebastiano seba nello
sebastien seb|sergio checo|serena sere|silvia silvi|simona simo|simone simo|sofia sofi|sophie soph|stefan stef fane steff
stefania stefi stefy|stefanie steffi stef|stefano ste|stephan steph|stephanie steph steffi|stephane steph|stephen steve|steven steve
susan sue susie suzy|susanne susi sanne|teodora teo dora|theodor theo|thomas tom tommy|timothy tim timmy|tommaso tommy masi|tobias tobi
ulrich uli|ulrike uli rike|valentin vali|valentina vale|vasile vasi lica|vincent vince vinnie|vincenzo enzo vince cenzo|virginia gina
vittorio vito|walter walt|wilhelm willi|william bill will billy willie liam|wolfgang wolf wolfi|zachary zach
"""


def groups(spelled: Callable[[str], str]) -> dict[str, set[int]]:
    """Return the numbers of the lines in which each name stands, as it is spelled where it is compared."""
    found: dict[str, set[int]] = {}
    for number, line in enumerate(_LINES.replace("\n", "|").split("|")):
        for name in line.split():
            found.setdefault(spelled(name), set()).add(number)
    return found
